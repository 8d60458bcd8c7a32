//! What the client itself says that a session used.

/// The client's count of a session over all its processes. That of a fork begins with its parent's, and a killed process adds nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientCost {
    /// The session.
    pub session_id: String,
    /// By model.
    pub models: Vec<ModelCount>,
}

/// The client's count of one model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelCount {
    /// The model, as the client names it.
    pub model: String,
    /// Tokens read anew.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
    /// Tokens read from the cache.
    pub cache_read: u64,
    /// Tokens written into the cache.
    pub cache_creation: u64,
    /// Nano-dollars; None when the client knows no price of some model of the session.
    pub cost_nano_usd: Option<i64>,
}
