//! Routes by template: the one list that answers requests, says which methods an address takes, and is compared with the
//! documentation.

use std::future::Future;
use std::sync::Arc;

use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use warp::filters::BoxedFilter;
use warp::path::FullPath;
use warp::reply::Response;
use warp::{Filter, Rejection};

use super::body::{Body, no_body, streamed};
use super::context::Shared;
use super::documentation::parameters;
use super::params::Params;
use super::reject::ApiError;

/// One request, as handlers see it.
pub(super) struct Ask {
    pub(super) shared: Arc<Shared>,
    /// What stood in the place of each `{name}` of the template, decoded.
    pub(super) segments: Vec<String>,
    pub(super) params: Params,
    /// The parameters as they came.
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
}

/// The routes, gathered one by one.
pub(super) struct Router {
    shared: Arc<Shared>,
    list: Vec<(Method, &'static str)>,
    filter: Option<BoxedFilter<(Response,)>>,
}

impl Router {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, list: Vec::new(), filter: None }
    }

    /// Adds a read.
    pub(super) fn get<F, A>(self, template: &'static str, handler: F) -> Self
    where
        F: Fn(Ask) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<Response, ApiError>> + Send + 'static,
    {
        self.add(Method::GET, template, no_body(), handler)
    }

    /// Adds a change, which has a body.
    pub(super) fn patch<F, A>(self, template: &'static str, handler: F) -> Self
    where
        F: Fn(Ask) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<Response, ApiError>> + Send + 'static,
    {
        self.add(Method::PATCH, template, streamed(), handler)
    }

    /// Adds what takes a body and has no other method.
    pub(super) fn post<F, A>(self, template: &'static str, handler: F) -> Self
    where
        F: Fn(Ask) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<Response, ApiError>> + Send + 'static,
    {
        self.add(Method::POST, template, streamed(), handler)
    }

    fn add<F, A>(mut self, method: Method, template: &'static str, body: BoxedFilter<(Body,)>, handler: F) -> Self
    where
        F: Fn(Ask) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = Result<Response, ApiError>> + Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        let wanted = method.clone();
        let matched = warp::path::full().and(warp::method()).and_then(move |path: FullPath, method: Method| {
            let found = segments(template, path.as_str());
            let taken = match found {
                None => Err(warp::reject::not_found()),
                Some(_) if method != wanted => Err(warp::reject::custom(ApiError::Method(allowed(template)))),
                Some(segments) => Ok(segments),
            };
            std::future::ready(taken)
        });
        // A name that is mistyped would be passed over, and the answer be of more than was asked for. What pages take is the browser's.
        let known = template.starts_with("/api/").then(|| parameters(&method, template));
        let query = warp::query::raw().or(warp::any().map(String::new)).unify();
        let route = matched.and(query).and(warp::header::headers_cloned()).and(body).then(
            move |segments, query: String, headers, body| {
                let params = Params::parse(&query);
                let are_known = known.as_deref().map_or(Ok(()), |known| params.only(known));
                let answer = are_known
                    .map(|()| handler(Ask { shared: Arc::clone(&shared), segments, params, query, headers, body }));
                async move {
                    match answer {
                        Ok(answer) => answer.await.unwrap_or_else(ApiError::into_response),
                        Err(error) => error.into_response(),
                    }
                }
            },
        );
        self.filter = Some(match self.filter {
            None => route.boxed(),
            Some(before) => before.or(route).unify().boxed(),
        });
        self.list.push((method, template));
        self
    }

    /// Returns the routes as one filter, and their list.
    pub(super) fn build(self) -> (BoxedFilter<(Response,)>, Vec<(Method, &'static str)>) {
        let nothing =
            warp::any().and_then(|| std::future::ready(Err::<Response, Rejection>(warp::reject::not_found())));
        (self.filter.unwrap_or_else(|| nothing.boxed()), self.list)
    }
}

/// What an address, or a template, takes, for the Allow header.
pub(super) fn allowed(address: &str) -> &'static str {
    match address {
        session if session.starts_with("/api/v1/sessions/") => "GET, HEAD, PATCH",
        "/api/v1/delegations" => "GET, HEAD, POST",
        "/v1/logs" | "/v1/metrics" => "POST",
        _ => "GET, HEAD",
    }
}

/// Returns what stands in the place of each `{name}`, decoded; None when the path is not of the template's form.
/// A last `{*rest}` takes all that is left.
fn segments(template: &str, path: &str) -> Option<Vec<String>> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned);
    let mut found = Vec::new();
    let mut given = path.split('/');
    for wanted in template.split('/') {
        if wanted.starts_with("{*") {
            let rest: Vec<_> = given.collect();
            found.push(decoded(&rest.join("/")).filter(|text| !text.is_empty())?);
            return Some(found);
        }
        let segment = given.next()?;
        if wanted.starts_with('{') {
            found.push(decoded(segment).filter(|text| !text.is_empty())?);
        } else if segment != wanted {
            return None;
        }
    }
    given.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates() {
        for (template, path, expected) in [
            ("/", "/", Some(vec![])),
            ("/", "//", None),
            ("/a/{id}", "/a/b", Some(vec!["b"])),
            ("/a/{id}", "/a/", None),
            ("/a/{id}", "/a/b/", None),
            ("/a/{id}", "/a/..%2F%00", Some(vec!["../\0"])),
            ("/a/{id}", "/a/%ff", None),
            ("/a/{*rest}", "/a/b/c", Some(vec!["b/c"])),
            ("/a/{*rest}", "/a", None),
            ("/a", "/A", None),
        ] {
            let expected = expected.map(|found| found.into_iter().map(str::to_owned).collect());
            assert_eq!(segments(template, path), expected, "{template} {path}");
        }
    }
}
