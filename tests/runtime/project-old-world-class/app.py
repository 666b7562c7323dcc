import widget
from widget import exports
from widget.exports.shape import Size, SizeLarge, SizeSmall
from widget.imports.streams import StreamError, StreamErrorClosed, StreamErrorLastOperationFailed
from widget.types import Err


class Widget(widget.Widget):
    def mix(self, a: widget.Colour) -> widget.Colour:
        return widget.ColourLight(7) if isinstance(a, widget.ColourDark) else widget.ColourDark()

    def fail(self, closed: bool) -> str:
        error: StreamError = StreamErrorClosed() if closed else StreamErrorLastOperationFailed("why")
        match error:
            case StreamErrorClosed():
                return "closed"
            case StreamErrorLastOperationFailed(value):
                return value


class Shape(exports.Shape):
    def double(self, a: Size) -> Size:
        if isinstance(a, SizeLarge):
            raise Err(StreamErrorClosed())
        assert isinstance(a, SizeSmall)
        return SizeLarge(2)
