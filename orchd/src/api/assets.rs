//! The dashboard's files: embedded in the program, or read from a folder while working on them.

use std::path::{Component, Path};

use bytes::Bytes;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use rust_embed::RustEmbed;
use warp::reply::Response;

use super::reject::ApiError;
use super::reply::{Tagged, etag};
use super::router::Ask;

#[derive(RustEmbed)]
#[folder = "../dashboard-assets"]
struct Embedded;

/// One of the dashboard's files.
#[utoipa::path(get, path = "/assets/{path}", tag = "pages",
    params(("path" = String, Path, description = "Path inside the dashboard's folder")),
    responses((status = 200), (status = 304), (status = 404, body = super::reject::Problem)))]
pub(super) async fn get(mut ask: Ask) -> Result<Response, ApiError> {
    let path = ask.segments.remove(0);
    let file = read(&path, ask.shared.context.assets_dir.as_deref()).await.ok_or(ApiError::NotFound)?;
    let mut response = file.reply(&ask.headers, content_type(&path));
    // The tag is asked for each time: an updated daemon must never run with the page of the old one.
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

/// Returns a file by its path inside the dashboard's folder; None when there is none, or when the path leads outside.
pub(super) async fn read(path: &str, assets_dir: Option<&Path>) -> Option<Tagged> {
    if !is_plain(path) {
        return None;
    }
    let Some(dir) = assets_dir else {
        let file = Embedded::get(path)?;
        let bytes = match file.data {
            std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            std::borrow::Cow::Owned(bytes) => bytes.into(),
        };
        return Some(Tagged { bytes, etag: etag(&file.metadata.sha256_hash()) });
    };
    let file = dir.join(path);
    let read = tokio::task::spawn_blocking(move || std::fs::read(file)).await;
    read.ok()?.ok().map(|bytes| Tagged::new(bytes.into()))
}

/// Only names of files and folders below, without a trick of any system: no `..`, no root, no drive, no backslash, no NUL.
fn is_plain(path: &str) -> bool {
    let normal = |part| matches!(part, Component::Normal(_));
    let plain = path.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/'));
    plain && !path.is_empty() && !path.contains("//") && Path::new(path).components().all(normal)
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn nothing_outside_the_folder_is_read() {
        let dir = tempfile::tempdir().expect("a folder");
        let inside = dir.path().join("assets");
        std::fs::create_dir(&inside).expect("makes a folder");
        std::fs::write(dir.path().join("secret.js"), "secret").expect("writes");
        std::fs::write(inside.join("a.js"), "a").expect("writes");
        for (path, found) in [
            ("a.js", true),
            ("./a.js", false),
            ("../secret.js", false),
            ("x/../../secret.js", false),
            ("..\\secret.js", false),
            ("/etc/passwd", false),
            ("a.js\0.png", false),
            ("C:a.js", false),
            ("", false),
            (".", false),
            ("b.js", false),
        ] {
            assert_eq!(read(path, Some(&inside)).await.is_some(), found, "{path:?}");
            assert!(found || read(path, None).await.is_none(), "{path:?}");
        }
        assert!(read("index.html", None).await.is_some());
    }
}
