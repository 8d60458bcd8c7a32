//! The user's requests beside events: who carries them out is none of this part's business.

use std::fmt;
use std::future::Future;

use futures_util::future::BoxFuture;
use shared::protocol::{Reply, Request};

/// Carries out requests.
pub struct CarryOut(Box<dyn Fn(Request) -> BoxFuture<'static, Reply> + Send + Sync>);

impl CarryOut {
    /// Returns what hands each request to `carry_out`.
    pub fn new<F>(carry_out: impl Fn(Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Reply> + Send + 'static,
    {
        Self(Box::new(move |request| Box::pin(carry_out(request))))
    }

    pub(super) async fn reply(&self, request: Request) -> Reply {
        (self.0)(request).await
    }
}

impl fmt::Debug for CarryOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CarryOut(..)")
    }
}
