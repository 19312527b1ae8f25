// hashtable_import: fills a table, the first time only. TensorFlow Lite's HASHTABLE_IMPORT.
#include <cstring>

#include "ops/support/hashtable.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::resource) return no_table("hashtable_import_c1", c.input(0));
  if (!table_dtypes(c.input(1).storage(), c.input(2).storage()))
    return constraint("hashtable_import_c2", "tables go from int64 to string or from string to int64", Cause::unsupported_dtype);
  if (c.shape(1).is_static() && c.shape(2).is_static() && c.shape(1).elements() != c.shape(2).elements())
    return constraint("hashtable_import_c3", "there are not as many values as keys");
  return Types{};
}

bool store(const KernelArgs& args, std::int32_t handle, const View& view) noexcept {
  const VariableState* state = args.control->assign(handle, *view.type, view.bytes);
  if (state && view.bytes > 0) std::memcpy(state->bytes.data(), view.data, view.bytes);
  return state != nullptr;
}

void run(const KernelArgs& args) noexcept {
  const Hashtable table = find_table(args);
  if (!table.keys) return args.control->fail("there is no table behind the handle", Cause::dangling_reference);
  if (table.filled()) return;
  if (args.inputs[1].elements() != args.inputs[2].elements())
    return args.control->fail("there are not as many values as keys", Cause::shape_mismatch);
  const std::int32_t handle = table_handle(args);
  if (!store(args, handle, args.inputs[1]) || !store(args, handle + 1, args.inputs[2]))
    args.control->fail("the table cannot be stored", Cause::resource_limit);
}

constexpr std::array kernels{kernel(DType::resource, run)};

}  // namespace

extern constexpr OpDef hashtable_import{
    .name = "hashtable_import",
    .help = "Fills a table with keys and their values; once filled it stays as it is. Of equal keys the first counts.",
    .inputs = "table keys values",
    .outputs = "",
    .infer = infer,
    .reference = kernels,
    .stateful = true,
};

}  // namespace qgraph::ops
