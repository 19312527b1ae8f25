// opaque: a node that no handler claims, kept whole (LoadOptions::keep_unknown). It can be inspected and written back, not run.
#include "ops/op_def.hpp"

namespace qgraph::ops {
namespace {

struct Opaque {
  std::string op{};
  std::string domain{};
  std::int64_t version = 1;
  Tensor options{};
  std::vector<std::string> attribute_names{};
};

constexpr std::array attributes{
    attr<&Opaque::op>("op", "the op's name in its file"),
    attr<&Opaque::domain>("domain", "its domain"),
    attr<&Opaque::version>("version", "its version"),
    attr<&Opaque::options>("options", "its options as stored, uint8"),
    attr<&Opaque::attribute_names>("attribute_names", "the attributes that the file gives it"),
};

Result<Types> infer(const InferContext& c) {
  Types types;
  for (std::size_t i = 0; i < c.declared_outputs.size(); ++i) types.push_back(c.declared(i));
  return types;
}

}  // namespace

extern constexpr OpDef opaque{
    .name = "opaque",
    .help = "A node of the file that no handler claims. It keeps its operands and options; a Session refuses to run it.",
    .inputs = "inputs*",
    .outputs = "outputs*",
    .attributes = attribute_table<Opaque>(attributes),
    .infer = infer,
    .bodies = -1,
    .stateful = true,
};

}  // namespace qgraph::ops
