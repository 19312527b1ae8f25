// reverse_sequence: of each batch entry, the first `lengths` elements along an axis in reverse order.
#include "ops/op_def.hpp"
#include "ops/support/movement.hpp"

namespace qgraph::ops {
namespace {

struct ReverseSequence {
  std::int64_t seq_dim = 0, batch_dim = 0;
};
constexpr std::array attributes{
    attr<&ReverseSequence::seq_dim>("seq_dim", "the axis that is reversed"),
    attr<&ReverseSequence::batch_dim>("batch_dim", "the axis that lengths goes along"),
};

Result<Types> infer(const InferContext& c) {
  const ReverseSequence& a = c.attributes<ReverseSequence>();
  const Shape &in = c.shape(0), &lengths = c.shape(1);
  if (!is_integer(c.input(1).storage()) && c.input(1).storage() != DType::unknown)
    return constraint("reverse_sequence_c1", "lengths are " + std::string(name(c.input(1).storage())), Cause::unsupported_dtype);
  if (!in.ranked()) return moved(c, "reverse_sequence_c2", in);
  const auto sequence = normalize_axis(a.seq_dim, in.rank()), batch = normalize_axis(a.batch_dim, in.rank());
  if (!sequence || !batch || *sequence == *batch)
    return constraint("reverse_sequence_c3", "seq_dim and batch_dim are not two dimensions of " + in.to_string(),
                      Cause::invalid_attribute);
  if (lengths.ranked() && (lengths.rank() != 1 || (lengths[0] >= 0 && in[*batch] >= 0 && lengths[0] != in[*batch])))
    return constraint("reverse_sequence_c4", "lengths " + lengths.to_string() + " are not one for each of " +
                                                 std::to_string(in[*batch]) + " batch entries");
  return moved(c, "reverse_sequence_c2", in);
}

void run(const KernelArgs& args) noexcept {
  const View &in = args.inputs[0], &lengths = args.inputs[1];
  const std::size_t sequence = *normalize_axis(args.attributes<ReverseSequence>().seq_dim, in.rank());
  const std::size_t batch = *normalize_axis(args.attributes<ReverseSequence>().batch_dim, in.rank());
  const auto strides = dense_strides(in.shape());
  const std::int64_t size = in.dim(sequence);
  for (std::int64_t b = 0; b < in.dim(batch); ++b)
    if (const std::int64_t n = integer_at(lengths, b); n < 0 || n > size)
      return fail_index(args, "reverse_sequence", n, size + 1);
  move_elements(args, [&](const std::byte* from, std::byte* to, int bits) {
    for (std::int64_t b = 0; b < in.dim(batch); ++b) {
      const std::int64_t n = integer_at(lengths, b);
      for (const bool head : {true, false}) {
        StridedCopy copy;
        copy.in_offset = b * strides[batch] + (head ? n - 1 : n) * strides[sequence];
        copy.out_offset = b * strides[batch] + (head ? 0 : n) * strides[sequence];
        for (std::size_t i = 0; i < in.rank(); ++i) {
          if (i == sequence)
            copy.add(head ? n : size - n, head ? -strides[i] : strides[i], strides[i]);
          else if (i != batch)
            copy.add(in.dim(i), strides[i], strides[i]);
        }
        copy.run(from, to, bits);
      }
    }
  });
}

constexpr std::array kernels{kernel(DType::unknown, run)};
}  // namespace

extern constexpr OpDef reverse_sequence{
    .name = "reverse_sequence",
    .help = "Reverses the first lengths[b] elements along seq_dim of every entry b of batch_dim; the rest stays.",
    .inputs = "input lengths",
    .attributes = attribute_table<ReverseSequence>(attributes),
    .infer = &infer,
    .reference = kernels,
    .moves_bytes = true,
};

}  // namespace qgraph::ops
