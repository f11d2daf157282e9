/*
 * The simulation runs the services' own rules: it may not have any of its own. What tells a rule in a source file: a
 * declaration named as the services name theirs, or as such things are called; and a switch on where a run or a
 * partition stands.
 */
const DECLARED = /^\s*(?:export )?(?:async )?(?:function\*?|class|const|let)\s+([A-Za-z_$][\w$]*)/gm;
const AT_THE_TOP = /^(?:export )?(?:async )?(?:function\*?|class|const|let)\s+([A-Za-z_$][\w$]*)/gm;
const METHOD =
  /^\s+(?:override |readonly |async |static |\*|#)*([A-Za-z_$][\w$]*)\([^)]*\)(?:: [^={]+)? \{$/gm;
const EXPORTED = /^export (?:async )?(?:function\*?|class)\s+([A-Za-z_$][\w$]*)/gm;
const CALLED_A_RULE = /^#?(classify|decide|judge|guard|prove|settle|plan)(?![a-z])/;
const STATE_SWITCH = /switch \([^)]*\b(state|phase|mode|status)\b[^)]*\)/g;
const KEYWORDS: ReadonlySet<string> = new Set(['if', 'for', 'while', 'switch', 'catch', 'constructor']);

const namesIn = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, name]) => name ?? '').filter((name) => !KEYWORDS.has(name));

/** What the services export under these texts. */
export function exportedIn(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap((text) => namesIn(text, EXPORTED)));
}

/** What in this text is, or looks like, a rule of its own. */
export function ownRulesIn(text: string, services: ReadonlySet<string>): readonly string[] {
  const methods = namesIn(text, METHOD);
  return [
    ...namesIn(text, AT_THE_TOP).filter((name) => services.has(name) && !CALLED_A_RULE.test(name)),
    ...namesIn(text, DECLARED).filter((name) => CALLED_A_RULE.test(name)),
    ...methods.filter((name) => CALLED_A_RULE.test(name)),
    ...[...text.matchAll(STATE_SWITCH)].map(([found]) => found),
  ];
}
