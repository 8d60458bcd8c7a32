//! The effects: sends a question, reads the answer under its limits. Dropping it closes the connection, which is what tells a
//! server to stop.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, LOCATION, RETRY_AFTER};
use reqwest::{Client, Response};

use super::error::ChatError;
use super::limits::{Limit, Limits, Phase};
use super::meter::Meter;
use super::reader::{ReplyReader, Update};
use super::reply::Reply;
use super::request::ChatRequest;
use super::retry;
use crate::local_model::Endpoint;

/// Of the body of an error, at most this much is read.
const ERROR_BYTES_MAX: usize = 64 << 10;
/// And no longer than this is waited for it.
const ERROR_WITHIN: Duration = Duration::from_secs(2);

/// Asks until an answer begins or there is no use in asking again; returns that answer, or why there is none. `loads` is called when
/// the server says that it loads its model. The meter goes on while an answer comes: its end is for whoever reads it to tell.
pub async fn ask(
    client: &Client,
    endpoint: &Endpoint,
    request: &ChatRequest,
    limits: Limits,
    meter: &Meter,
    loads: impl Fn(),
) -> Result<Answering, ChatError> {
    let (mut rest, asked_at) = (limits, Instant::now());
    loop {
        meter.begins();
        let mut begun = begin(client, endpoint, request, rest).await;
        if let Err(error) = &begun {
            meter.ends(!error.is_before_a_model());
        }
        let spent = asked_at.elapsed();
        if let Err(ChatError::Loading(waited)) = &mut begun {
            *waited = spent;
            loads();
        }
        let left = limits.first_token.min(limits.whole).saturating_sub(spent);
        let pause = begun.as_ref().err().and_then(|error| retry::pause(error, meter.tries(), fastrand::f64(), left));
        let Some(pause) = pause else { return begun };
        tokio::time::sleep(pause).await;
        rest = limits.after(spent + pause);
    }
}

async fn begin(
    client: &Client,
    endpoint: &Endpoint,
    request: &ChatRequest,
    limits: Limits,
) -> Result<Answering, ChatError> {
    let asked_at = Instant::now();
    let mut question = client.post(endpoint.url(request.api.path())).json(&request.body());
    if let Some(token) = &endpoint.token {
        question = question.bearer_auth(token.expose());
    }
    let (within, limit) = limits.deadline(Phase::Waiting { streamed: request.stream }, Duration::ZERO);
    let response = match tokio::time::timeout(within, question.send()).await {
        Err(_) => return Err(ChatError::of_limit(limit, within)),
        Ok(Err(error)) => return Err(of_send(endpoint, error)),
        Ok(Ok(response)) => response,
    };
    if response.status() != reqwest::StatusCode::OK {
        return Err(of_response(response).await);
    }
    let too_large = header(&response, &CONTENT_LENGTH).and_then(|text| text.parse().ok());
    if too_large.is_some_and(|length: usize| length > limits.reply_bytes) {
        return Err(ChatError::TooLarge(limits.reply_bytes));
    }
    let content_type = header(&response, &CONTENT_TYPE).map(str::to_owned);
    let reader = ReplyReader::new(content_type.as_deref(), request.model.as_deref(), limits.reply_bytes);
    Ok(Answering { response, reader, asked_at, limits, ready: VecDeque::new(), waiting_since: None, ended: false })
}

/// An answer that comes.
#[derive(Debug)]
pub struct Answering {
    response: Response,
    reader: ReplyReader,
    asked_at: Instant,
    limits: Limits,
    ready: VecDeque<Update>,
    /// Since when nothing has come, after the request. A reader that is slow to take updates is not the server's silence.
    waiting_since: Option<Duration>,
    ended: bool,
}

impl Answering {
    /// Returns what comes next; None at the end. May be dropped and called again without losing anything.
    pub async fn next(&mut self) -> Result<Option<Update>, ChatError> {
        loop {
            if let Some(update) = self.ready.pop_front() {
                return Ok(Some(update));
            }
            if self.ended {
                return Ok(None);
            }
            let since = *self.waiting_since.get_or_insert_with(|| self.asked_at.elapsed());
            let (deadline, limit) = self.limits.deadline(self.reader.phase(), since);
            let chunk = tokio::time::timeout_at((self.asked_at + deadline).into(), self.response.chunk()).await;
            self.waiting_since = None;
            match chunk {
                Err(_) if limit == Limit::AfterTheEnd => self.ended = true,
                Err(_) => {
                    let waited_from = if limit == Limit::Idle { since } else { Duration::ZERO };
                    return Err(ChatError::of_limit(limit, self.asked_at.elapsed().saturating_sub(waited_from)));
                }
                // A server may close without a proper end after it said that the answer is whole.
                Ok(Err(_)) if self.reader.phase() == Phase::Ended => self.ended = true,
                Ok(Err(error)) => return Err(ChatError::BrokeOff(Some(error.without_url()))),
                Ok(Ok(None)) => self.ended = true,
                Ok(Ok(Some(bytes))) => {
                    self.reader.push(&bytes, self.asked_at.elapsed(), &mut self.ready)?;
                    self.ended = self.reader.is_done();
                    if !self.ended {
                        self.is_in_time()?;
                    }
                }
            }
        }
    }

    /// Errs when a limit is over though something always comes: an endless stream never lets a timer be looked at.
    fn is_in_time(&self) -> Result<(), ChatError> {
        let now = self.asked_at.elapsed();
        let (deadline, limit) = self.limits.deadline(self.reader.phase(), now);
        if now > deadline { Err(ChatError::of_limit(limit, deadline)) } else { Ok(()) }
    }

    /// Pieces so far: tokens, as servers send them.
    #[must_use]
    pub fn pieces(&self) -> u64 {
        self.reader.pieces()
    }

    /// Whether text is held back until it is known to be reasoning or answer.
    #[must_use]
    pub fn is_holding(&self) -> bool {
        self.reader.is_holding()
    }

    /// Returns what was held back and the whole reply, after `next` returned None.
    pub fn finish(self) -> Result<(Vec<Update>, Reply), ChatError> {
        let mut rest = Vec::from(self.ready);
        let reply = self.reader.finish(self.asked_at.elapsed(), &mut rest)?;
        Ok((rest, reply))
    }
}

fn header<'a>(response: &'a Response, name: &HeaderName) -> Option<&'a str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

/// Tells a server that is not there from one that is none.
fn of_send(endpoint: &Endpoint, error: reqwest::Error) -> ChatError {
    let url = endpoint.base_url.clone();
    let source = error.without_url();
    if source.is_connect() {
        let refused = io_kind(&source) == Some(std::io::ErrorKind::ConnectionRefused);
        return ChatError::Unreachable { url, refused, source };
    }
    // Closed before an answer: a server that died of the question, or one that speaks something else.
    match io_kind(&source) {
        None if !is_incomplete(&source) => ChatError::NotHttp { url, source },
        _ => ChatError::HungUp(source),
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(std::error::Error::source(error), |error| error.source())
}

fn io_kind(error: &reqwest::Error) -> Option<std::io::ErrorKind> {
    causes(error).find_map(|cause| cause.downcast_ref::<std::io::Error>()).map(std::io::Error::kind)
}

fn is_incomplete(error: &reqwest::Error) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<hyper::Error>()).any(hyper::Error::is_incomplete_message)
}

async fn of_response(mut response: Response) -> ChatError {
    let status = response.status().as_u16();
    let own = |name| header(&response, name).map(str::to_owned);
    let (location, retry_after) = (own(&LOCATION), own(&RETRY_AFTER));
    let mut body = Vec::new();
    let reading = async {
        while let Ok(Some(bytes)) = response.chunk().await {
            body.extend_from_slice(&bytes[..bytes.len().min(ERROR_BYTES_MAX - body.len())]);
            if body.len() == ERROR_BYTES_MAX {
                break;
            }
        }
    };
    // Its words are a courtesy: without them the status says it.
    let _ = tokio::time::timeout(ERROR_WITHIN, reading).await;
    ChatError::of_status(status, location.as_deref(), retry_after.as_deref(), &body)
}

#[cfg(test)]
mod tests;
