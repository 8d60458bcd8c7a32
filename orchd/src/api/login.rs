//! `GET /login?code=`: a code from `orchd dashboard` buys the cookie, once.

use http::header::SET_COOKIE;
use http::{HeaderValue, StatusCode};
use warp::reply::Response;

use super::pages::locked;
use super::reject::ApiError;
use super::reply::see_other;
use super::router::Ask;

/// Trade a login code for the cookie.
#[utoipa::path(get, path = "/login", tag = "pages", security(()),
    params(("code" = String, Query, description = "From orchd dashboard; good once, for 60 seconds")),
    responses((status = 303), (status = 401)))]
pub(super) async fn get(ask: Ask) -> Result<Response, ApiError> {
    let code = ask.params.text("code")?.unwrap_or_default();
    let auth = &ask.shared.context.auth;
    if !auth.redeem(&code) {
        return Ok(locked(StatusCode::UNAUTHORIZED));
    }
    let cookie = HeaderValue::from_str(&auth.set_cookie(ask.shared.port)).map_err(|_| ApiError::Internal)?;
    let mut response = see_other("/");
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}
