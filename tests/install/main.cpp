// Loads the model given and runs it on zeros.
#include <cstdio>
#include <qgraph/qgraph.hpp>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const qgraph::Model model = qgraph::load_graph(argv[1]);
  qgraph::Session session(model);
  std::vector<qgraph::Tensor> inputs;
  for (std::size_t i = 0; i < session.input_count(); ++i) {
    qgraph::TensorType type = session.input_type(i);
    for (std::int64_t& d : type.shape.mutable_dims()) d = d < 0 ? 1 : d;  // a batch that the model leaves open
    inputs.emplace_back(type, qgraph::Buffer::own(std::vector<std::byte>(type.bytes().value())));
  }
  const auto outputs = session.run(inputs);
  std::printf("%zu outputs, %zu bytes\n", outputs.size(), outputs[0].bytes.size());
  return outputs[0].bytes.empty() ? 1 : 0;
}
