//! Where the question goes.

use super::Failure;
use super::args::Delegate;
use crate::cli::failure::Code;
use crate::local_model::{Endpoint, Token};

/// Where LM Studio listens unless it was told otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:1234";

/// A server and what is known of the model on it.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) endpoint: Endpoint,
    /// Tokens that the model takes as it is loaded; None where nobody told.
    pub(super) context_tokens: Option<u64>,
}

/// Returns the server of the command line, else of the environment, else LM Studio's own address.
pub(super) fn place(args: &Delegate) -> Result<Place, Failure> {
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.trim().is_empty());
    let url = args.endpoint.clone().or_else(|| variable("ORCH_LOCAL_URL"));
    let mut endpoint = Endpoint::new(url.as_deref().unwrap_or(DEFAULT_URL)).map_err(|error| {
        Failure::new(Code::Config, "the local model's address cannot be used: it is").because(error)
    })?;
    // LM Studio's own name for it is taken too. A token is never an argument: every process can read those.
    let token = variable("ORCH_LOCAL_TOKEN").or_else(|| variable("LM_API_TOKEN"));
    if let Some(token) = token {
        let token = Token::new(&token).ok_or_else(|| {
            Failure::new(Code::Config, "the token in ORCH_LOCAL_TOKEN or LM_API_TOKEN could not stand in a header")
        })?;
        endpoint.token = Some(token);
    }
    Ok(Place { endpoint, context_tokens: args.context })
}
