// A host teaches the loader an op that no format defines. One handler serves every format: the same lines load a JSON graph and
// an .onnx, whose scale is an attribute, and a .tflite, where it stands beside the weights.
//
//   custom_handler MODEL...
#include <cstdio>
#include <vector>

#include "qgraph/qgraph.hpp"

using namespace qgraph;

int main(int argc, char** argv) {
  Registry registry = Registry::with_builtins();
  const Status added = registry.add({.op = "CustomQuantizedConv2D",
                                     .dtype = DType::qint8,
                                     .inputs = {"x", "qweights", "bias?"},
                                     .lower = [](const SourceNode& n, GraphBuilder& g) -> Result<Outputs> {
                                       Value w = n.input("qweights");
                                       if (!w.quantized())
                                         w = g.quantized(w, {.scales = n.floats("scale")});  // ONNX, JSON: an attribute
                                       return g.add("conv_2d", {n.input("x"), w, n.input("bias")}, conv_attributes(n));
                                     }});
  if (!added) return std::fputs(added.error().to_string().c_str(), stderr), 1;

  for (int i = 1; i < argc; ++i) {
    // Without the handler the op is unknown, and the report says where it is.
    const LoadResult without = try_load_graph(argv[i]);
    if (!without.report.has_errors()) return std::fprintf(stderr, "%s: loads without the handler\n", argv[i]), 1;
    std::printf("without the handler: %s\n", without.report.diagnostics[0].headline.c_str());

    const Model model = load_graph(argv[i], {.registry = &registry});  // the registry need not outlive this line
    Session session(model);
    TensorType type = session.input_type(0);
    if (!type.shape.ranked()) type.shape = Shape{1, 4, 4, 3};
    for (std::int64_t& d : type.shape.mutable_dims()) d = d < 0 ? 1 : d;  // what the model leaves open, here the batch
    const Tensor input(type, Buffer::own(std::vector<std::byte>(type.bytes().value_or(0))));
    for (const TensorView& out : session.run({input})) std::printf("with it: %s\n", out.type->to_string().c_str());
  }
  return 0;
}
