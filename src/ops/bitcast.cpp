// The same bytes as elements of another type.
#include <array>
#include <cstring>

#include "ops/op_def.hpp"

namespace qgraph::ops {
namespace {

struct Bitcast {
  DType to = DType::unknown;
};
constexpr std::array attributes{attr<&Bitcast::to>("to", "the result's dtype; by default what is declared of it")};

Result<Types> infer(const InferContext& c) {
  const TensorType declared = c.declared();
  const ElementType element =
      c.attributes<Bitcast>().to != DType::unknown ? c.declared_element(0, Plain{c.attributes<Bitcast>().to}) : declared.element;
  const DType from = c.input(0).storage(), to = TensorType(element, {}).storage();
  if (to == DType::unknown) return constraint("bitcast_c1", "nothing says what the bytes become", Cause::missing_attribute);
  Shape shape = c.shape(0);
  if (from == DType::unknown || !shape.ranked()) return Types{TensorType(element, Shape::unknown_rank())};
  const int have = bits(from), want = bits(to);
  if (have < 8 || want < 8) return constraint("bitcast_c2", "elements must have whole bytes", Cause::unsupported_dtype);
  std::vector<std::int64_t>& dims = shape.mutable_dims();
  if (have > want) {
    dims.push_back(have / want);
  } else if (have < want) {
    if (dims.empty() || (dims.back() != want / have && dims.back() != Shape::dynamic))
      return constraint("bitcast_c3", "the last dimension must be " + std::to_string(want / have) + ", the parts of one " +
                                          std::string(name(to)));
    dims.pop_back();
  }
  return Types{TensorType(element, std::move(shape))};
}

void run(const KernelArgs& a) noexcept {
  if (a.outputs[0].bytes > 0) std::memcpy(a.outputs[0].data, a.inputs[0].data, a.outputs[0].bytes);
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  if (c.inputs[0].bytes != c.outputs[0].bytes)
    return failure("QG4101", Cause::shape_mismatch, "the bytes of input and output differ in number");
  return std::shared_ptr<const void>();
}

constexpr std::array kernels{kernel(DType::unknown, run, prepare)};

}  // namespace

extern constexpr OpDef bitcast{
    .name = "bitcast",
    .help = "The same bytes as elements of another dtype: a wider one takes up the last dimension, a narrower one adds one.",
    .attributes = attribute_table<Bitcast>(attributes),
    .infer = &infer,
    .reference = kernels};

}  // namespace qgraph::ops
