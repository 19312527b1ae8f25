// Recurrent layers of int8 weights give the reference kernels' bits where fast kernels multiply their rows.
#include "kernels/check_equal.hpp"
#include "kernels/one_op.hpp"

namespace qgraph::test {
namespace {

Tensor random_reals(Random& r, Shape shape) {
  std::vector<float> values(static_cast<std::size_t>(*shape.elements()));
  const float reach = r.one_in(8) ? 0.0F : r.scale(-4, 4);
  for (float& v : values) v = static_cast<float>(r.in(-1000, 1000)) / 1000 * reach;
  return {DType::float32, std::move(shape), std::span<const float>(values)};
}
Tensor random_integers(Random& r, Shape shape, std::int64_t most) {
  std::vector<std::int32_t> values(static_cast<std::size_t>(*shape.elements()));
  for (std::int32_t& v : values) v = static_cast<std::int32_t>(r.in(-most, most));
  return {TensorType{DType::int32, std::move(shape)}, Buffer::of(std::span<const std::int32_t>(values))};
}
Case finished(GraphBuilder& g, Value out, Tensor x, std::string text) {
  g.set_outputs({out});
  Case made{.inputs = {std::move(x)}, .text = std::move(text)};
  made.model = Model({.graphs = {g.finish().value()}});
  return made;
}

Case random_lstm(Random& r) {
  const std::int64_t batch = r.in(1, 3), steps = r.in(1, 5), features = r.in(1, 150), cells = r.in(1, 70);
  const bool hybrid = r.one_in(2), coupled = r.one_in(4);
  GraphBuilder g;
  const Shape shape{steps, batch, features};
  const TensorType quantized_x{Quantized(DType::int8, r.scale(-9, -5), r.in(-128, 127)), shape};
  const Tensor x = hybrid ? random_reals(r, shape) : r.any(quantized_x);
  std::vector<Value> in(20);
  in[0] = g.input("x", x.type);
  for (std::size_t k = 0; k < 8; ++k) {
    if (coupled && k % 4 == 0) continue;
    const Tensor w = r.any({Quantized(DType::int8, r.scale(-9, -6), 0), Shape{cells, k < 4 ? features : cells}});
    in[1 + k] = g.constant(w.type, w.data);
  }
  for (std::size_t k = coupled ? 1 : 0; k < 4; ++k) {
    const Tensor bias = hybrid ? random_reals(r, Shape{cells}) : random_integers(r, Shape{cells}, 20000);
    in[12 + k] = g.constant(bias.type, bias.data);
  }
  const TensorType h = hybrid ? TensorType{DType::float32, Shape{batch, cells}}
                              : TensorType{Quantized(DType::int8, 1.0F / 128, r.in(-20, 20)), Shape{batch, cells}};
  const TensorType c = hybrid ? h : TensorType{Quantized(DType::int16, 1.0F / 2048), Shape{batch, cells}};
  in[18] = g.state("h", h);
  in[19] = g.state("c", c);
  Attributes a;
  a.set("asymmetric_inputs", r.one_in(2));
  if (!hybrid) a.set("intermediate_scales", std::vector<double>{1, 1, 1, 1, 1.0 / 128});
  TensorType out = h;
  out.shape = Shape{steps, batch, cells};
  return finished(g, g.add("tflite.lstm", in, std::move(a), {out}), x, "lstm " + x.type.to_string());
}

Case random_svdf(Random& r) {
  const std::int64_t batch = r.in(1, 3), size = r.in(1, 200), rank = r.in(1, 3), units = r.in(1, 60), memory = r.in(1, 8),
                     filters = rank * units;
  const bool hybrid = r.one_in(2);
  GraphBuilder g;
  const Tensor x = hybrid ? random_reals(r, Shape{batch, size})
                          : r.any({Quantized(DType::int8, r.scale(-8, -4), r.in(-128, 127)), Shape{batch, size}});
  const DType stored = r.one_of({DType::int16, DType::int8});
  const Tensor feature = r.any({Quantized(DType::int8, r.scale(-9, -6), 0), Shape{filters, size}}),
               time = r.any({Quantized(hybrid ? DType::int8 : stored, r.scale(-9, -6), 0), Shape{filters, memory}}),
               bias = hybrid ? random_reals(r, Shape{units}) : random_integers(r, Shape{units}, 20000);
  const TensorType state = hybrid ? TensorType{DType::float32, Shape{batch, memory * filters}}
                                  : TensorType{Quantized(stored, r.scale(-8, -4), 0), Shape{batch, memory * filters}};
  const TensorType out = hybrid ? TensorType{DType::float32, Shape{batch, units}}
                                : TensorType{Quantized(DType::int8, r.scale(-6, 0), r.in(-20, 20)), Shape{batch, units}};
  Attributes a;
  a.set("rank", rank);
  if (r.one_in(2)) a.set("asymmetric_quantize_inputs", true);
  const std::vector<Value> in{g.input("x", x.type), g.constant(feature.type, feature.data), g.constant(time.type, time.data),
                              g.constant(bias.type, bias.data), g.state("s", state)};
  return finished(g, g.add("tflite.svdf", in, std::move(a), {out}), x, "svdf " + x.type.to_string());
}

TEST_CASE("fast LSTM layers of int8 weights are the reference's", "[kernels]") {
  CHECK(check_equal(random_lstm, 200, 81000).ran == 200);
}

TEST_CASE("fast SVDF layers are the reference's", "[kernels]") { CHECK(check_equal(random_svdf, 200, 82000).ran == 200); }

}  // namespace
}  // namespace qgraph::test
