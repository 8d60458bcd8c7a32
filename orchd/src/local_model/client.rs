//! The HTTP client for a local model's server: no proxy, no redirects, no cookies, nothing inflated.

use std::time::Duration;

/// Time to connect; a server on this machine or in this house answers far sooner.
pub const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// Returns the base of every client that speaks to a local model; limits of time over a whole answer are the caller's.
///
/// An answer that redirects is an answer like any other: whoever holds the port must not be able to send us elsewhere.
pub fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .http1_only()
        .connect_timeout(CONNECT_WITHIN)
        .user_agent(concat!("orchd/", env!("CARGO_PKG_VERSION")))
}
