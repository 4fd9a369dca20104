//! The addresses of the viewer and what each answers.
//!
//! ```text
//! /                                         the page
//! /assets/NAME                              its files
//! /api/schema                               columns, planes, shards
//! /api/query?q=JSON                         samples that pass filters, and counts
//! /api/sample?row=N | ?id=ID                one sample
//! /data/KEY/preview/ROW.png                 picture, coverage, depth and normals, a quarter in size
//! /data/KEY/plane/ROW/NAME.png|.bin         a plane as a picture, or its bare numbers
//! /data/KEY/difference/ROW/ROW/NAME.png|.bin|.json
//! ```
//!
//! No address is a path of the disk: rows are numbers, planes and files come from lists. What lies
//! under `/data/KEY` never changes, since the key changes with the dataset, and is cached for good.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query as UrlQuery, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde::Deserialize;

use bottega_format::{FormatError, RowPlane};
use bottega_schemas::Plane;

use super::app::App;
use super::difference::difference;
use super::index::{Index, told};
use super::plane_picture::{floats, name_of, numbers, picture, plane_of};
use super::query::Query;
use super::refusal::Refusal;
use super::sample::sample_json;
use super::schema::schema_json;
use super::security;
use super::web_files::{INDEX_HTML, WEB_FILES, tag};

const FOR_GOOD: &str = "private, max-age=31536000, immutable";

type Answer = Result<Response, Refusal>;

/// Every address.
pub(super) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/assets/{name}", get(web_file))
        .route("/api/schema", get(schema))
        .route("/api/query", get(query))
        .route("/api/sample", get(sample))
        .route("/data/{key}/preview/{file}", get(preview))
        .route("/data/{key}/plane/{row}/{file}", get(plane))
        .route(
            "/data/{key}/difference/{first}/{second}/{file}",
            get(compare),
        )
        .fallback(nothing)
        .layer(axum::middleware::from_fn(security::guard))
        .with_state(app)
}

async fn nothing(request: Request) -> Refusal {
    Refusal::missing(format!("nothing at {}", request.uri().path()))
}

async fn page() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, INDEX_HTML).into_response()
}

async fn web_file(Path(name): Path<String>, headers: HeaderMap) -> Answer {
    let file = (WEB_FILES.iter())
        .find(|file| file.name == name)
        .ok_or_else(|| Refusal::missing("the page has no such file"))?;
    if has_tag(&headers, tag()) {
        return Ok(not_modified(tag()));
    }
    let headers = [
        (header::CONTENT_TYPE, file.media_type),
        // Another version of the program may listen here tomorrow.
        (header::CACHE_CONTROL, "no-cache"),
        (header::ETAG, tag()),
    ];
    Ok((headers, file.text).into_response())
}

async fn schema(State(app): State<Arc<App>>) -> Answer {
    let index = app.index().await?;
    let document = on_a_thread(move || Ok(schema_json(&index).to_string())).await?;
    Ok(json(document))
}

#[derive(Deserialize)]
struct Question {
    q: String,
}

async fn query(State(app): State<Arc<App>>, UrlQuery(question): UrlQuery<Question>) -> Answer {
    let query: Query = serde_json::from_str(&question.q)
        .map_err(|error| Refusal::unclear(format!("the query cannot be read: {error}")))?;
    let index = app.index().await?;
    on_a_thread(move || {
        let start = std::time::Instant::now();
        let answer = app.answers.answer(&index, &query)?;
        let text = serde_json::to_string(&answer).expect("an answer is plain data");
        let ms = start.elapsed().as_secs_f64() * 1e3;
        let mut response = json(text);
        if let Ok(timing) = HeaderValue::from_str(&format!("query;dur={ms:.2}")) {
            response.headers_mut().insert("server-timing", timing);
        }
        Ok(response)
    })
    .await
}

#[derive(Deserialize)]
struct Which {
    row: Option<usize>,
    id: Option<String>,
}

async fn sample(State(app): State<Arc<App>>, UrlQuery(which): UrlQuery<Which>) -> Answer {
    let index = app.index().await?;
    on_a_thread(move || {
        let row = match (which.row, &which.id) {
            (Some(row), _) => row,
            (None, Some(id)) => (index.ids().row_of(id))
                .ok_or_else(|| Refusal::missing(format!("no sample is called {id:?}")))?,
            (None, None) => return Err(Refusal::unclear("wanted row=N or id=ID")),
        };
        let document = sample_json(&index, &app.shards, row)?;
        Ok(json(document.to_string()))
    })
    .await
}

async fn preview(
    State(app): State<Arc<App>>,
    Path((key, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer {
    let index = app.index_of(&key).await?;
    let row = file.strip_suffix(".png").and_then(|row| row.parse().ok());
    let row: usize = row.ok_or_else(|| Refusal::missing("wanted ROW.png"))?;
    let tag = format!("\"{key}-{row}\"");
    if has_tag(&headers, &tag) {
        return Ok(not_modified(&tag));
    }
    on_a_thread(move || {
        let place = app.shards.place(&index, row)?;
        let made = place.reader.preview(place.row, index.size(row));
        Ok(for_good(made.map_err(broken)?, "image/png", &tag))
    })
    .await
}

async fn plane(
    State(app): State<Arc<App>>,
    Path((key, row, file)): Path<(String, usize, String)>,
    headers: HeaderMap,
) -> Answer {
    let index = app.index_of(&key).await?;
    let (plane, form) = plane_and_form(&file, &["png", "bin"])?;
    on_a_thread(move || {
        let place = app.shards.place(&index, row)?;
        let hash = place.reader.plane_hash(place.row, plane).map_err(broken)?;
        let is_file = form == "png" && matches!(plane, Plane::Rgb8 | Plane::Alpha);
        let tag = match hash {
            Some(hash) if is_file => format!("\"{hash}\""),
            Some(hash) => format!("\"{hash}.{form}\""),
            None => format!("\"{key}-{row}-{file}\""),
        };
        if has_tag(&headers, &tag) {
            return Ok(not_modified(&tag));
        }
        let lacking = || Refusal::missing(format!("the sample has no plane {}", name_of(plane)));
        if is_file {
            let file = place.reader.plane_file(place.row, plane).map_err(broken)?;
            return Ok(for_good(file.ok_or_else(lacking)?.bytes, "image/png", &tag));
        }
        let values = place.reader.plane(place.row, plane).map_err(broken)?;
        let values = values.ok_or_else(lacking)?;
        if form == "png" {
            return Ok(for_good(picture(plane, &values), "image/png", &tag));
        }
        let numbers = numbers(&values);
        let size = [values.width, values.height];
        Ok(bare(
            numbers.bytes,
            numbers.kind,
            numbers.channels,
            size,
            &tag,
        ))
    })
    .await
}

async fn compare(
    State(app): State<Arc<App>>,
    Path((key, first, second, file)): Path<(String, usize, usize, String)>,
    headers: HeaderMap,
) -> Answer {
    let index = app.index_of(&key).await?;
    let (plane, form) = plane_and_form(&file, &["png", "bin", "json"])?;
    let tag = format!("\"{key}-{first}-{second}-{file}\"");
    if has_tag(&headers, &tag) {
        return Ok(not_modified(&tag));
    }
    on_a_thread(move || {
        let a = plane_at(&app, &index, first, plane)?;
        let b = plane_at(&app, &index, second, plane)?;
        let found = difference(plane, &a, &b).map_err(Refusal::unclear)?;
        Ok(match form {
            "png" => for_good(found.picture(), "image/png", &tag),
            "bin" => {
                let size = [found.width, found.height];
                bare(floats(&found.values), "f32", 1, size, &tag)
            }
            _ => {
                let text = serde_json::to_vec(&found.summary).expect("a summary is plain data");
                for_good(text, "application/json", &tag)
            }
        })
    })
    .await
}

fn plane_at(app: &App, index: &Index, row: usize, plane: Plane) -> Result<RowPlane, Refusal> {
    let place = app.shards.place(index, row)?;
    let values = place.reader.plane(place.row, plane).map_err(broken)?;
    values.ok_or_else(|| Refusal::missing(format!("sample {row} has no plane {}", name_of(plane))))
}

/// Takes `NAME.FORM` apart.
fn plane_and_form(file: &str, forms: &[&'static str]) -> Result<(Plane, &'static str), Refusal> {
    let parts = file.rsplit_once('.').and_then(|(name, form)| {
        let form = forms.iter().find(|known| **known == form)?;
        Some((plane_of(name)?, *form))
    });
    parts.ok_or_else(|| {
        let forms = forms.join(" or .");
        Refusal::missing(format!("wanted the name of a plane and .{forms}"))
    })
}

/// Reading and decoding would hold up other requests.
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(_) => Err(Refusal::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the viewer failed at this; the terminal says why",
        )),
    }
}

fn broken(error: FormatError) -> Refusal {
    Refusal::broken(told(&error))
}

fn has_tag(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH);
    let known = known.and_then(|value| value.to_str().ok()).unwrap_or("");
    known.split(',').any(|known| known.trim() == tag)
}

fn json(text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, text).into_response()
}

fn for_good(bytes: Vec<u8>, media_type: &'static str, tag: &str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type),
        (header::CACHE_CONTROL, FOR_GOOD),
        (header::ETAG, tag),
    ];
    (headers, bytes).into_response()
}

fn bare(
    bytes: Vec<u8>,
    kind: &'static str,
    channels: usize,
    [width, height]: [usize; 2],
    tag: &str,
) -> Response {
    let mut response = for_good(bytes, "application/octet-stream", tag);
    let headers = response.headers_mut();
    headers.insert("x-kind", HeaderValue::from_static(kind));
    headers.insert("x-channels", channels.into());
    headers.insert("x-width", width.into());
    headers.insert("x-height", height.into());
    response
}

fn not_modified(tag: &str) -> Response {
    let headers = [(header::CACHE_CONTROL, FOR_GOOD), (header::ETAG, tag)];
    (StatusCode::NOT_MODIFIED, headers).into_response()
}
