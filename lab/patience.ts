/**
 * How many times as long to wait before giving up: `LAB_PATIENCE=10` on a machine without hardware virtualisation. Never
 * longer than needed, since everything that waits polls.
 */
export const PATIENCE = Number(process.env.LAB_PATIENCE ?? 1)
