//! In whatever order an app releases a request and its parts, the host gets them back children first.

use super::ok;
use crate::support::components::build;
use crate::support::server::{Server, full, read};

/// Every order of the first `count` digits.
fn orders(count: usize) -> Vec<String> {
    let Some(last) = count.checked_sub(1) else {
        return vec![String::new()];
    };
    let shorter = orders(last);
    let places = |order: String| {
        (0..=order.len()).map(move |place| format!("{}{last}{}", &order[..place], &order[place..]))
    };
    shorter.into_iter().flat_map(places).collect()
}

#[tokio::test]
async fn what_belongs_to_a_request_goes_before_it() {
    let server = Server::start(
        &build("serve/orders", "wit/wasi-0.2", "wasi:http/proxy@0.2.12"),
        &[],
    );
    let mut connection = server.connect().await;
    let orders = orders(5);
    assert_eq!(orders.len(), 120);
    for kind in ["leave", "forget", "tuple", "circle"] {
        for order in &orders {
            let path = format!("/{kind}/{order}");
            let response = connection.send("POST", &path, full("unread")).await;
            let mut response = response.unwrap();
            let text = read(response.body_mut(), usize::MAX).await.unwrap();
            let text = String::from_utf8(text).unwrap();
            assert_eq!((response.status(), text), ok("gone"), "{path}");
        }
    }
    drop(connection);
    let (status, _, log) = server.stop();
    assert!(status.success() && !log.contains("children"), "{log}");
}
