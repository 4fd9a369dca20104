//! Who may ask: pages of this very server, nobody else.
//!
//! The server listens on the loopback address alone. Any web page can still send requests there
//! through the reader's browser, so a request must name this machine in `Host` (a foreign name
//! that resolves to 127.0.0.1 is the attack known as DNS rebinding), must not come from another
//! origin, and can only read.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use super::refusal::Refusal;

/// Everything comes from this server; pictures may be made by the page itself.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

/// Refuses strangers, and puts the policy on every answer.
pub(super) async fn guard(request: Request, next: Next) -> Response {
    let mut response = match check(request.method(), request.uri().path(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for name in ["cross-origin-resource-policy", "cross-origin-opener-policy"] {
        headers.insert(name, HeaderValue::from_static("same-origin"));
    }
    response
}

fn check(method: &Method, path: &str, headers: &HeaderMap) -> Result<(), Refusal> {
    let refuse = |reason: &str| Err(Refusal::new(StatusCode::FORBIDDEN, reason));
    if method != Method::GET && method != Method::HEAD {
        return Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "this server only reads: GET and HEAD",
        ));
    }
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    if !host.is_some_and(is_this_machine) || hosts.next().is_some() {
        return refuse("the Host of a request must be 127.0.0.1 or localhost");
    }
    if headers.contains_key(header::ORIGIN) {
        // Behind a tunnel the port may be another, but it is the same for both.
        let origin = text(header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
        if origin != host {
            return refuse("requests from other origins are not answered");
        }
    }
    let site = text(header::HeaderName::from_static("sec-fetch-site"));
    if site == Some("cross-site") && path != "/" {
        return refuse("requests from other sites are not answered");
    }
    Ok(())
}

/// Whether a host, with or without a port, is the loopback address by number or name.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => name,
        Some(_) => return false,
        None => host,
    };
    name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_a_host() {
        for host in ["127.0.0.1", "127.0.0.1:8000", "localhost:1", "LOCALHOST"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "evil.example:8000",
            "127.0.0.1.evil.example",
            "localhost.evil.example:80",
            "127.0.0.1:8000@evil.example",
            "127.0.0.1:99999",
            "0.0.0.0:8000",
            "[::1]:8000",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
