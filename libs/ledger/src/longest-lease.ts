/** What a setting may say of a lease at most: `ledger.is_held` takes a longer one for noted while the clock was ahead. */
export const LONGEST_LEASE_MS = 600_000;
