// The 16x8 LSTM has no oracle among the interpreters: it is held against the float LSTM of the same real weights.
#include <cmath>
#include <random>

#include "qgraph/qgraph.hpp"
#include "support/catch.hpp"

namespace qgraph {
namespace {

constexpr std::int64_t batch = 2, steps = 6, features = 5, cells = 4;
constexpr float weight_scale = 1.0F / 128, input_scale = 1.0F / 8192, state_scale = 1.0F / 32768, cell_scale = 1.0F / 4096;

struct Weights {
  std::vector<std::vector<std::int8_t>> matrices;
  std::vector<std::vector<std::int64_t>> biases;
};

Weights weights() {
  std::mt19937 random(5);
  std::uniform_int_distribution<int> byte(-127, 127), bias(-200000, 200000);
  Weights w;
  for (int k = 0; k < 8; ++k) {
    std::vector<std::int8_t> m(static_cast<std::size_t>(cells * (k < 4 ? features : cells)));
    for (auto& v : m) v = static_cast<std::int8_t>(byte(random));
    w.matrices.push_back(std::move(m));
  }
  for (int k = 0; k < 4; ++k) {
    std::vector<std::int64_t> b(static_cast<std::size_t>(cells));
    for (auto& v : b) v = bias(random);
    w.biases.push_back(std::move(b));
  }
  return w;
}

Model build(bool quantized) {
  const Weights w = weights();
  GraphBuilder g;
  const auto element = [&](float scale) -> ElementType {
    if (quantized) return Quantized(DType::int16, scale);
    return Plain{DType::float32};
  };
  std::vector<Value> in(20);
  in[0] = g.input("x", TensorType(element(input_scale), {steps, batch, features}));
  for (std::size_t k = 0; k < 8; ++k) {
    const Shape shape{cells, k < 4 ? features : cells};
    if (quantized) {
      in[1 + k] = g.constant(TensorType(Quantized(DType::int8, weight_scale), shape),
                             Buffer::of(std::span<const std::int8_t>(w.matrices[k])));
    } else {
      std::vector<float> real;
      for (const std::int8_t v : w.matrices[k]) real.push_back(static_cast<float>(v) * weight_scale);
      in[1 + k] = g.constant(DType::float32, shape, std::span<const float>(real));
    }
  }
  for (std::size_t k = 0; k < 4; ++k) {
    if (quantized) {
      in[12 + k] = g.constant(TensorType(Quantized(DType::int64, input_scale * weight_scale), {cells}),
                              Buffer::of(std::span<const std::int64_t>(w.biases[k])));
    } else {
      std::vector<float> real;
      for (const std::int64_t v : w.biases[k]) real.push_back(static_cast<float>(v) * input_scale * weight_scale);
      in[12 + k] = g.constant(DType::float32, {cells}, std::span<const float>(real));
    }
  }
  in[18] = g.state("h", TensorType(element(state_scale), {batch, cells}));
  in[19] = g.state("c", TensorType(element(cell_scale), {batch, cells}));
  const Value out = g.add("tflite.lstm", in, {}, {TensorType(element(state_scale), {steps, batch, cells})});
  g.set_outputs({out});
  auto graph = g.finish();
  if (!graph) FAIL(graph.error().to_string());
  Model::Data data;
  data.graphs.push_back(*std::move(graph));
  return Model(std::move(data));
}

}  // namespace

TEST_CASE("an LSTM with 16-bit activations follows the float one", "[lstm]") {
  Session exact(build(false)), stored(build(true));
  std::mt19937 random(7);
  std::uniform_int_distribution<int> word(-16000, 16000);
  double worst = 0, largest = 0;
  for (int run = 0; run < 4; ++run) {  // the states go on from run to run
    std::vector<std::int16_t> q(static_cast<std::size_t>(steps * batch * features));
    std::vector<float> real;
    for (auto& v : q) {
      v = static_cast<std::int16_t>(word(random));
      real.push_back(static_cast<float>(v) * input_scale);
    }
    const auto want = exact.run({Tensor(exact.input_type(0), Buffer::of(std::span<const float>(real)))});
    const std::vector<float> expected(want[0].values<float>().begin(), want[0].values<float>().end());
    const auto got = stored.run({Tensor(stored.input_type(0), Buffer::of(std::span<const std::int16_t>(q)))});
    const auto values = got[0].values<std::int16_t>();
    REQUIRE(values.size() == expected.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      worst = std::max(
          worst, std::abs(static_cast<double>(values[i]) * static_cast<double>(state_scale) - static_cast<double>(expected[i])));
      largest = std::max(largest, std::abs(static_cast<double>(expected[i])));
    }
  }
  CHECK(largest > 0.3);  // the network does something
  CHECK(worst < 2e-3);   // eight quanta of a gate's 2^-12
}

}  // namespace qgraph
