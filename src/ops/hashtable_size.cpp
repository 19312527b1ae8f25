// hashtable_size: how many different keys a table has. TensorFlow Lite's HASHTABLE_SIZE.
#include "ops/support/hashtable.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::resource) return no_table("hashtable_size_c1", c.input(0));
  return Types{{DType::int64, Shape{1}}};
}

/// Keys that do not stand earlier in the list.
template <class At>
std::int64_t different(std::int64_t count, At at) noexcept {
  std::int64_t n = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t j = 0;
    while (j < i && at(j) != at(i)) ++j;
    n += j == i;
  }
  return n;
}

void run(const KernelArgs& args) noexcept {
  const Hashtable table = find_table(args);
  if (!table.keys || !table.filled()) return args.control->fail("the table is not filled", Cause::dangling_reference);
  if (const auto strings = StringTensor::read(table.keys->bytes); table.keys->type.storage() == DType::string && strings) {
    *args.out<std::int64_t>() = different(strings->size(), [&](std::int64_t i) { return (*strings)[i]; });
    return;
  }
  const auto* keys = reinterpret_cast<const std::int64_t*>(table.keys->bytes.data());
  *args.out<std::int64_t>() =
      different(static_cast<std::int64_t>(table.keys->bytes.size() / 8), [&](std::int64_t i) { return keys[i]; });
}

constexpr std::array kernels{kernel(DType::resource, run)};

}  // namespace

extern constexpr OpDef hashtable_size{
    .name = "hashtable_size",
    .help = "The number of different keys of a table.",
    .inputs = "table",
    .infer = infer,
    .reference = kernels,
    .stateful = true,
};

}  // namespace qgraph::ops
