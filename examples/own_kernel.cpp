// A graph made by hand with an op whose kernel the host brings.
#include <cstdio>
#include <vector>

#include "qgraph/qgraph.hpp"

using namespace qgraph;

int main() {
  // y = |x| clipped at 2, element by element. Inputs and outputs are bytes of the declared types, with concrete shapes.
  HostOp clipped_magnitude{
      .name = "acme.clipped_magnitude",
      .run = [](std::span<const TensorView> in, std::span<const MutableTensorView> out) -> Status {
        const auto x = in[0].values<float>();
        const auto y = out[0].values<float>();
        for (std::size_t i = 0; i < x.size(); ++i) y[i] = x[i] < -2 || x[i] > 2 ? 2.0F : x[i] < 0 ? -x[i] : x[i];
        return Done{};
      },
      // Without this the output would have the type given to add() below, whatever the input's shape is.
      .infer = [](std::span<const TensorType> in) -> Result<std::vector<TensorType>> { return std::vector<TensorType>{in[0]}; }};

  GraphBuilder builder;
  const TensorType type(DType::float32, Shape{-1});
  const Value x = builder.input("x", type);
  const Value y = builder.add(clipped_magnitude, {x}, {type});
  builder.set_outputs({builder.add("add", {y, x})});
  Result<Graph> graph = builder.finish();  // the graph, or everything that is wrong with it
  if (!graph) return std::fputs(graph.error().to_string().c_str(), stderr), 1;

  Model::Data data;
  data.graphs.push_back(*std::move(graph));
  Session session{Model(std::move(data))};
  const std::vector<float> values{-3, -1, 0.5F, 4};
  const auto outputs = session.run({Tensor(DType::float32, Shape{4}, std::span<const float>(values))});
  const std::vector<float> expected{-1, 0, 1, 6};
  const auto got = outputs[0].values<float>();
  for (std::size_t i = 0; i < expected.size(); ++i) {
    std::printf("%g ", static_cast<double>(got[i]));
    if (got[i] != expected[i]) return 1;
  }
  std::puts("");
  return 0;
}
