import { AT, DISTRICT, WISH, type LedgerUnderContract } from './ledger-under-contract.js';

/** As partitions answered an ASK. */
export const EPOCHS = { 0: 2, 1: 3 };

/** A wish that waits on the ASK `nonce`. */
export async function wished(of: LedgerUnderContract, changes: Partial<typeof WISH> = {}): Promise<void> {
  const wish = { ...WISH, ...changes };
  await of.openings.want(wish);
  await of.openings.ask('nonce', [wish.districtId], AT);
}

export function open({ openings }: LedgerUnderContract, nonce = 'nonce', at = AT): Promise<number | null> {
  return openings.open(DISTRICT, nonce, EPOCHS, at);
}
