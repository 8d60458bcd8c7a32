//! Bits of `api_requests.flags`.

/// Fast mode.
pub const FAST: i64 = 1;
/// Batch prices.
pub const BATCH: i64 = 2;
/// Served in the US on demand.
pub const US_ONLY: i64 = 4;
/// The stream was cut: a lower bound.
pub const CUT: i64 = 8;
/// The usage is what telemetry told. It says nothing of the request, and has no name.
pub const BY_TELEMETRY: i64 = 16;
/// Of the local model, and nobody counted its tokens; its cost is known all the same, by its time.
pub const UNCOUNTED: i64 = 32;
/// Every one that says something of the request, by its name.
pub const NAMES: [(i64, &str); 5] =
    [(FAST, "fast"), (BATCH, "batch"), (US_ONLY, "us"), (CUT, "cut"), (UNCOUNTED, "uncounted")];
