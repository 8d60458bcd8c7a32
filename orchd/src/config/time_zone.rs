//! `display.timezone`: the zone in which days are cut.

use jiff::tz::TimeZone;

/// A name that no zone has.
#[derive(Debug, thiserror::Error)]
#[error("time zone `{name}` is not known; use `system` or a name such as `Europe/Berlin`")]
pub struct UnknownTimeZone {
    /// As configured.
    name: String,
    /// What the database of zones said.
    #[source]
    source: jiff::Error,
}

/// Returns the zone of a name; `system` is that of the machine.
pub fn time_zone(name: &str) -> Result<TimeZone, UnknownTimeZone> {
    if name == "system" {
        return Ok(TimeZone::system());
    }
    TimeZone::get(name).map_err(|source| UnknownTimeZone { name: name.to_owned(), source })
}
