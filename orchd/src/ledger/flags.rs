//! Bits of `api_requests.flags`.

/// Fast mode.
pub const FAST: i64 = 1;
/// Batch prices.
pub const BATCH: i64 = 2;
/// Served in the US on demand.
pub const US_ONLY: i64 = 4;
/// The stream was cut: a lower bound.
pub const CUT: i64 = 8;
/// Every one by its name.
pub const NAMES: [(i64, &str); 4] = [(FAST, "fast"), (BATCH, "batch"), (US_ONLY, "us"), (CUT, "cut")];
