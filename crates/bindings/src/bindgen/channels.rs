//! The functions that make streams and futures.

use super::Bodies;
use super::writer::Writer;
use crate::plan::python::{Annotation, Channel, ChannelKind, Helper, PyLibrary};

impl Writer {
    pub fn channel(&mut self, channel: &Channel, bodies: Bodies) {
        self.gap();
        let params = match channel.kind {
            ChannelKind::Bytes | ChannelKind::Stream => String::new(),
            ChannelKind::Future => {
                let callable = self.helper(Helper::Callable);
                let payload = self.annotation(&channel.payload);
                format!("default: {callable}[[], {payload}]")
            }
        };
        let ends = self.ends(channel);
        self.line(&format!("def {}({params}) -> {ends}:", channel.name));
        self.indented(|writer| match bodies {
            Bodies::Stubs => writer.not_implemented(),
            Bodies::Calls(indices) => {
                let index = |ty: &_| match channel.kind {
                    ChannelKind::Bytes | ChannelKind::Stream => indices.stream(*ty),
                    ChannelKind::Future => indices.future(*ty),
                };
                match channel.types.iter().find_map(index) {
                    Some(index) => writer.new_channel(channel.kind, index, &ends),
                    None => writer.not_implemented(),
                }
            }
        });
    }

    /// The support package makes ends of any type, so type checkers need the type spelt out.
    fn new_channel(&mut self, kind: ChannelKind, index: usize, ends: &str) {
        let call = match kind {
            ChannelKind::Bytes | ChannelKind::Stream => {
                format!("{}.new_stream({index})", self.library(PyLibrary::Streams))
            }
            ChannelKind::Future => {
                let futures = self.library(PyLibrary::Futures);
                format!("{futures}.new_future({index}, default)")
            }
        };
        self.line(&format!("ends: {ends} = {call}"));
        self.line("return ends");
    }

    fn ends(&mut self, channel: &Channel) -> String {
        let (writer, reader) = match channel.kind {
            ChannelKind::Bytes => (Helper::ByteStreamWriter, Helper::ByteStreamReader),
            ChannelKind::Stream => (Helper::StreamWriter, Helper::StreamReader),
            ChannelKind::Future => (Helper::FutureWriter, Helper::FutureReader),
        };
        let end = |helper| match channel.kind {
            ChannelKind::Bytes => Annotation::Plain(helper),
            ChannelKind::Stream | ChannelKind::Future => {
                Annotation::Of(helper, vec![channel.payload.clone()])
            }
        };
        self.annotation(&Annotation::Of(
            Helper::Tuple,
            vec![end(writer), end(reader)],
        ))
    }
}
