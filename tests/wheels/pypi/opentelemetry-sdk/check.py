"""OpenTelemetry's SDK: spans and metrics, exported in memory."""

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExponentialBucketHistogramAggregation, View
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


def test_spans():
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("check")
    with tracer.start_as_current_span("outer"), tracer.start_as_current_span("inner"):
        pass
    inner, outer = exporter.get_finished_spans()
    assert (inner.name, outer.name) == ("inner", "outer") and inner.parent.span_id == outer.context.span_id


def test_histogram():
    """Takes numbers apart with `ctypes`."""
    reader = InMemoryMetricReader()
    views = [View(instrument_name="time", aggregation=ExponentialBucketHistogramAggregation())]
    meter = MeterProvider([reader], views=views).get_meter("check")
    histogram = meter.create_histogram("time")
    for value in (1.0, 2.0, 1000.0):
        histogram.record(value)
    metrics = reader.get_metrics_data().resource_metrics[0].scope_metrics[0].metrics
    (point,) = metrics[0].data.data_points
    assert (point.count, point.sum, point.max) == (3, 1003.0, 1000.0), point
