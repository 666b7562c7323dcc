//! Places for instances: as many as may be at work, distributed so that no client takes the places of others.
//!
//! While places are free, every request gets one. When none is free, requests wait. The next place goes to a request whose body
//! has begun to arrive, or that has none; among these, to the address that holds the fewest places. A place is asked back if it
//! waits for a client that is slow to send its request, or to take its response.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Request;
use tokio::sync::{Notify, oneshot};
use tokio::time::sleep;

use crate::{Early, Exchange, Pace, RequestBody, within};

/// The time that a client may be slow while others wait.
const GRACE: Duration = Duration::from_secs(2);
/// The interval at which waiting requests look for a slow client.
const LOOK: Duration = Duration::from_millis(250);

/// All places, and the requests that wait for one.
pub struct Places {
    total: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: HashMap<u64, Held>,
    waiting: Vec<Waiting>,
    /// The number of the next request.
    next: u64,
}

struct Held {
    client: IpAddr,
    paces: [Pace; 2],
    wanted: Arc<Notify>,
    is_wanted: bool,
}

struct Waiting {
    number: u64,
    client: IpAddr,
    paces: [Pace; 2],
    /// `true` if its body has begun.
    ready: bool,
    grant: oneshot::Sender<Place>,
}

/// A place, which is returned when it is dropped.
pub struct Place {
    places: Arc<Places>,
    number: u64,
    wanted: Arc<Notify>,
}

impl Places {
    pub fn new(total: u32) -> Arc<Self> {
        Arc::new(Self {
            total: total as usize,
            state: Mutex::default(),
        })
    }

    /// The number of places in use.
    pub fn taken(&self) -> usize {
        self.state().held.len()
    }

    /// Returns a place for this request of this client, and the request, whose body may have been read in part. `None` if no
    /// place becomes free within the limit. The time that others took does not count against the client.
    pub async fn admit(
        self: &Arc<Self>,
        client: IpAddr,
        request: Request<RequestBody>,
        exchange: &Exchange,
        limit: Option<Duration>,
    ) -> Option<(Place, Request<Early<RequestBody>>)> {
        let pace = request.body().pace().clone();
        let paces = [pace.clone(), exchange.pace().clone()];
        let mut request = request.map(Early::new);
        let place = self.take(client, paces, request.body_mut().begun());
        let place = within(limit, place).await?;
        pace.restart();
        Some((place, request))
    }

    /// Returns a place for a request of this client, for which we wait at these paces. `begun` is done when its body has begun
    /// to arrive.
    async fn take(
        self: &Arc<Self>,
        client: IpAddr,
        paces: [Pace; 2],
        begun: impl Future<Output = ()>,
    ) -> Place {
        let client = household(client);
        let (grant, mut granted) = oneshot::channel();
        let number = {
            let mut state = self.state();
            state.next += 1;
            let number = state.next;
            if state.held.len() < self.total {
                return state.hold(self, number, client, paces);
            }
            let ready = false;
            state.waiting.push(Waiting {
                number,
                client,
                paces,
                ready,
                grant,
            });
            number
        };
        let mut begun = std::pin::pin!(begun);
        let mut ready = false;
        loop {
            tokio::select! {
                biased;
                Ok(place) = &mut granted => return place,
                () = &mut begun, if !ready => {
                    ready = true;
                    self.state().ready(number);
                }
                () = sleep(LOOK) => self.state().ask_back(),
            }
        }
    }

    /// Gives free places to the next requests.
    fn pass_on(self: &Arc<Self>) {
        let mut refused = Vec::new();
        let mut state = self.state();
        // Requests that no longer wait must not block others.
        state.waiting.retain(|waiting| !waiting.grant.is_closed());
        while state.held.len() < self.total {
            let Some(next) = state.next_waiting() else {
                break;
            };
            let Waiting {
                number,
                client,
                paces,
                grant,
                ..
            } = state.waiting.remove(next);
            let place = state.hold(self, number, client, paces);
            refused.extend(grant.send(place).err());
        }
        // Each of them calls this function when it is dropped.
        drop(state);
        drop(refused);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn hold(
        &mut self,
        places: &Arc<Places>,
        number: u64,
        client: IpAddr,
        paces: [Pace; 2],
    ) -> Place {
        let wanted = Arc::new(Notify::new());
        let held = Held {
            client,
            paces,
            wanted: wanted.clone(),
            is_wanted: false,
        };
        self.held.insert(number, held);
        Place {
            places: places.clone(),
            number,
            wanted,
        }
    }

    fn ready(&mut self, number: u64) {
        let found = self.waiting.iter_mut().find(|one| one.number == number);
        if let Some(waiting) = found {
            waiting.ready = true;
        }
    }

    fn next_waiting(&self) -> Option<usize> {
        let mut held: HashMap<IpAddr, usize> = HashMap::new();
        for one in self.held.values() {
            *held.entry(one.client).or_default() += 1;
        }
        let order = |waiting: &Waiting| {
            let places = held.get(&waiting.client).copied().unwrap_or(0);
            (!waiting.ready, places, waiting.number)
        };
        let next = self.waiting.iter().enumerate();
        next.min_by_key(|(_, waiting)| order(waiting))
            .map(|(index, _)| index)
    }

    /// Asks back a place whose client is slow, unless enough places are already on their way.
    fn ask_back(&mut self) {
        let asked = self.held.values().filter(|held| held.is_wanted).count();
        if asked >= self.waiting.len() {
            return;
        }
        let is_slow =
            |held: &&mut Held| !held.is_wanted && held.paces.iter().any(|pace| pace.is_slow(GRACE));
        if let Some(slow) = self.held.values_mut().find(is_slow) {
            slow.is_wanted = true;
            slow.wanted.notify_one();
        }
    }
}

impl Place {
    /// Waits until the place is asked back, because its client is slow.
    pub async fn wanted(&self) {
        self.wanted.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.state().held.remove(&self.number);
        self.places.pass_on();
    }
}

/// The network of an address: with IPv6 a household has as many addresses as it likes.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::net::IpAddr;
    use std::sync::Arc;

    use tokio::task::JoinHandle;

    use super::{Place, Places, household};
    use crate::Pace;

    fn ip(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 0, last])
    }

    async fn take(places: &Arc<Places>, client: u8) -> Place {
        let paces = [Pace::default(), Pace::default()];
        places.take(ip(client), paces, ready(())).await
    }

    /// Waits for a place in the background, behind all requests that wait already.
    async fn queue(places: &Arc<Places>, client: u8, has_begun: bool) -> JoinHandle<Place> {
        let taker = places.clone();
        let waiting = places.state().waiting.len();
        let task = tokio::spawn(async move {
            if has_begun {
                return take(&taker, client).await;
            }
            let paces = [Pace::default(), Pace::default()];
            taker.take(ip(client), paces, pending()).await
        });
        while places.state().waiting.len() == waiting {
            tokio::task::yield_now().await;
        }
        task
    }

    #[tokio::test]
    async fn one_address_may_have_all_of_them_while_nobody_else_wants_any() {
        let places = Places::new(3);
        let all = [
            take(&places, 1).await,
            take(&places, 1).await,
            take(&places, 1).await,
        ];
        assert_eq!(places.taken(), 3);
        drop(all);
        assert_eq!(places.taken(), 0);
    }

    #[tokio::test]
    async fn who_has_the_fewest_is_next() {
        let places = Places::new(2);
        let (first, second) = (take(&places, 1).await, take(&places, 1).await);
        let same = queue(&places, 1, true).await;
        let other = queue(&places, 2, true).await;
        drop(first);
        let other = other.await.unwrap();
        assert!(!same.is_finished());
        drop(second);
        let same = same.await.unwrap();
        drop((other, same));
        assert_eq!(places.taken(), 0);
    }

    #[tokio::test]
    async fn who_has_sent_nothing_is_last() {
        let places = Places::new(1);
        let first = take(&places, 1).await;
        let silent = queue(&places, 2, false).await;
        let begun = queue(&places, 1, true).await;
        drop(first);
        let begun = begun.await.unwrap();
        assert!(!silent.is_finished());
        drop(begun);
        silent.await.unwrap();
    }

    #[tokio::test]
    async fn who_does_not_wait_any_more_gets_none() {
        let places = Places::new(1);
        let first = take(&places, 1).await;
        let gone = queue(&places, 1, true).await;
        let next = queue(&places, 1, true).await;
        gone.abort();
        assert!(gone.await.is_err());
        drop(first);
        drop(next.await.unwrap());
        assert_eq!(places.taken(), 0);
    }

    #[tokio::test]
    async fn who_is_slow_is_asked_while_others_wait() {
        let places = Places::new(2);
        let slow = Pace::default();
        let paces = [Pace::default(), slow.clone()];
        let place = places.take(ip(1), paces, ready(())).await;
        let busy = take(&places, 1).await;
        slow.wait();
        let asked = tokio::time::timeout(super::GRACE * 2, place.wanted());
        assert!(asked.await.is_err(), "nobody waits");
        let _next = queue(&places, 2, true).await;
        place.wanted().await;
        let asked = tokio::time::timeout(super::GRACE * 2, busy.wanted());
        assert!(asked.await.is_err(), "its client is not waited for");
    }

    #[test]
    fn households() {
        let same =
            |a: &str, b: &str| household(a.parse().unwrap()) == household(b.parse().unwrap());
        assert!(same("2001:db8:1:2::1", "2001:db8:1:2:ffff::2"));
        assert!(!same("2001:db8:1:2::1", "2001:db8:1:3::1"));
        assert!(same("::ffff:10.0.0.1", "10.0.0.1"));
        assert!(!same("10.0.0.1", "10.0.0.2"));
    }
}
