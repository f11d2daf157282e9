import type { Replayed } from './replay.js';

const EXIT_UNEQUAL = 2;
const EXIT_UNCOMPARED = 3;

export function exitCodeOf(replayed: readonly Replayed[]): number {
  if (replayed.some(({ drifted }) => drifted.length > 0)) return EXIT_UNEQUAL;
  return replayed.some(({ uncompared }) => uncompared.length > 0) ? EXIT_UNCOMPARED : 0;
}

export function toJson(replayed: readonly Replayed[]): string {
  const drifted = replayed.filter((one) => one.drifted.length > 0);
  const uncompared = replayed.filter((one) => one.uncompared.length > 0);
  return `${JSON.stringify({ ...countsOf(replayed), drifted, uncompared })}\n`;
}

export function toText(replayed: readonly Replayed[]): string {
  const lines = replayed.flatMap(({ entityType, partition, drifted, uncompared, unusable }) => {
    const place = `${entityType}, partition ${partition}`;
    return [
      ...(drifted.length > 0 ? [`${place}: unequal for ${drifted.join(', ')}`] : []),
      ...(uncompared.length > 0 ? [`${place}: not compared for ${uncompared.join(', ')}`] : []),
      ...(unusable > 0 ? [`${place}: ${unusable} messages make no row`] : []),
    ];
  });
  const { messages, written } = countsOf(replayed);
  lines.push(`${messages} messages read, ${written} rows written: ${ENDS[exitCodeOf(replayed)] ?? ''}`);
  return lines.map((line) => `${line}\n`).join('');
}

const ENDS: Readonly<Record<number, string>> = {
  0: 'equal to the last watermarks',
  [EXIT_UNEQUAL]: 'see npm run verify -- --deep',
  [EXIT_UNCOMPARED]: 'equal to the last watermarks where they could be compared',
};

function countsOf(replayed: readonly Replayed[]) {
  const sum = (of: (one: Replayed) => number): number => replayed.reduce((total, one) => total + of(one), 0);
  return {
    messages: sum((one) => one.messages),
    written: sum((one) => one.written),
    unusable: sum((one) => one.unusable),
  };
}
