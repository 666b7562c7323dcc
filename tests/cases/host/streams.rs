//! Streams and futures of simple payloads, made from values and gathered into them, whatever the store holds.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use anyhow::{Result, bail};
use wasmtime::component::{
    FutureAny, FutureConsumer, FutureReader, Lift, Source, StreamAny, StreamConsumer, StreamReader,
    StreamResult, Type, Val,
};
use wasmtime::{AsContextMut, StoreContextMut};

/// A payload with a Rust type of its own.
trait Payload: Lift + Send + Sync + 'static {
    fn value(self) -> Val;
}

/// Calls a macro with each payload: its WIT type, the variant of `Val` and the Rust type.
macro_rules! payloads {
    ($each:ident) => {
        $each!(Bool, bool);
        $each!(U8, u8);
        $each!(S8, i8);
        $each!(U16, u16);
        $each!(S16, i16);
        $each!(U32, u32);
        $each!(S32, i32);
        $each!(U64, u64);
        $each!(S64, i64);
        $each!(Float32, f32);
        $each!(Float64, f64);
        $each!(Char, char);
        $each!(String, String);
    };
}

macro_rules! implement {
    ($name:ident, $rust:ty) => {
        impl Payload for $rust {
            fn value(self) -> Val {
                Val::$name(self)
            }
        }
    };
}
payloads!(implement);

impl Payload for () {
    fn value(self) -> Val {
        Val::Tuple(Vec::new())
    }
}

/// A stream that gives the items at once and then ends.
pub fn stream<D: Send + 'static>(
    mut store: impl AsContextMut<Data = D>,
    ty: Option<&Type>,
    items: Vec<Val>,
) -> Result<StreamAny> {
    let mut store = store.as_context_mut();
    macro_rules! make {
        ($name:ident, $rust:ty) => {
            if matches!(ty, Some(Type::$name)) {
                let items: Vec<$rust> = items
                    .into_iter()
                    .filter_map(|item| match item {
                        Val::$name(item) => Some(item),
                        _ => None,
                    })
                    .collect();
                let reader = StreamReader::new(&mut store, items)?;
                return Ok(StreamAny::try_from_stream_reader(&mut store, reader)?);
            }
        };
    }
    payloads!(make);
    if ty.is_none() {
        let reader = StreamReader::new(&mut store, vec![(); items.len()])?;
        return Ok(StreamAny::try_from_stream_reader(&mut store, reader)?);
    }
    bail!("the test host makes no stream of {ty:?}")
}

/// A future that has its value already.
pub fn future<D: Send + 'static>(
    mut store: impl AsContextMut<Data = D>,
    ty: Option<&Type>,
    value: Val,
) -> Result<FutureAny> {
    let mut store = store.as_context_mut();
    macro_rules! make {
        ($name:ident, $rust:ty) => {
            if let (Some(Type::$name), Val::$name(value)) = (ty, &value) {
                let value = value.clone();
                let reader: FutureReader<$rust> =
                    FutureReader::new(&mut store, async move { wasmtime::error::Ok(value) })?;
                return Ok(FutureAny::try_from_future_reader(&mut store, reader)?);
            }
        };
    }
    payloads!(make);
    if ty.is_none() {
        let reader: FutureReader<()> =
            FutureReader::new(&mut store, async { wasmtime::error::Ok(()) })?;
        return Ok(FutureAny::try_from_future_reader(&mut store, reader)?);
    }
    bail!("the test host makes no future of {ty:?}")
}

/// The items of a stream or future so far, and whether it has ended.
#[derive(Default)]
pub struct Gathered {
    pub items: Vec<Val>,
    pub ended: bool,
}

struct Gatherer<T> {
    gathered: Arc<Mutex<Gathered>>,
    payload: std::marker::PhantomData<fn() -> T>,
}

impl<T> Drop for Gatherer<T> {
    fn drop(&mut self) {
        self.gathered.lock().expect("no thread panics").ended = true;
    }
}

impl<T: Payload, D: Send + 'static> StreamConsumer<D> for Gatherer<T> {
    type Item = T;

    fn poll_consume(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut store: StoreContextMut<D>,
        mut source: Source<'_, T>,
        _: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let mut items = Vec::with_capacity(source.remaining(&mut store));
        source.read(&mut store, &mut items)?;
        let mut gathered = self.gathered.lock().expect("no thread panics");
        gathered.items.extend(items.into_iter().map(T::value));
        Poll::Ready(Ok(StreamResult::Completed))
    }
}

impl<T: Payload, D: Send + 'static> FutureConsumer<D> for Gatherer<T> {
    type Item = T;

    fn poll_consume(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        store: StoreContextMut<D>,
        mut source: Source<'_, T>,
        _: bool,
    ) -> Poll<wasmtime::Result<()>> {
        let mut item = None;
        source.read(store, &mut item)?;
        let mut gathered = self.gathered.lock().expect("no thread panics");
        gathered.items.extend(item.map(T::value));
        // It is complete now, whenever the guest drops its end.
        gathered.ended = true;
        Poll::Ready(Ok(()))
    }
}

/// Reads a stream or future; `None` for any other value.
pub fn gather<D: Send + 'static>(
    mut store: impl AsContextMut<Data = D>,
    value: &Val,
) -> Result<Option<Arc<Mutex<Gathered>>>> {
    let mut store = store.as_context_mut();
    let gathered = Arc::new(Mutex::new(Gathered::default()));
    macro_rules! read {
        ($name:ident, $rust:ty) => {
            let gatherer = Gatherer::<$rust> {
                gathered: Arc::clone(&gathered),
                payload: std::marker::PhantomData,
            };
            match value {
                Val::Stream(any) => {
                    if let Ok(reader) = any.clone().try_into_stream_reader::<$rust>() {
                        reader.pipe(&mut store, gatherer)?;
                        return Ok(Some(gathered));
                    }
                }
                Val::Future(any) => {
                    if let Ok(reader) = any.clone().try_into_future_reader::<$rust>() {
                        reader.pipe(&mut store, gatherer)?;
                        return Ok(Some(gathered));
                    }
                }
                _ => return Ok(None),
            }
            // One that is dropped unused has not read to the end.
            drop(gatherer);
            gathered.lock().expect("no thread panics").ended = false;
        };
    }
    payloads!(read);
    read!(Unit, ());
    bail!("the test host reads no such stream or future")
}
