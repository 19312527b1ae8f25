// Models of one op with random shapes, parameters and weights, and what every kernel makes of them.
#pragma once

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "qgraph/builder.hpp"
#include "qgraph/session.hpp"

namespace qgraph::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::int64_t in(std::int64_t low, std::int64_t high) { return std::uniform_int_distribution<std::int64_t>(low, high)(engine_); }
  bool one_in(int n) { return in(1, n) == 1; }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    return values.begin()[in(0, static_cast<std::int64_t>(values.size()) - 1)];
  }
  /// 2^low to 2^high, evenly in the exponent; powers of two themselves now and then.
  float scale(int low, int high);
  DType byte() { return one_of({DType::int8, DType::uint8}); }
  std::int64_t zero_point(DType storage) { return storage == DType::int8 ? in(-128, 127) : in(0, 255); }
  /// A tensor of this type with any bytes, now and then only the extreme ones.
  Tensor any(const TensorType& type);

 private:
  std::mt19937_64 engine_;
};

struct Case {
  Model model{};
  std::vector<Tensor> inputs{};
  std::string text{};  ///< what it is, for messages
};
Case random_convolution(Random& random);
Case random_depthwise(Random& random);
Case random_fully_connected(Random& random);
/// add, sub or mul with any broadcast.
Case random_binary(Random& random);
/// An op that works element by element, on enough of them that a table is made.
Case random_unary(Random& random);
/// quantize of reals: ties, infinities and not a number among them.
Case random_quantize(Random& random);

struct Ran {
  std::vector<std::byte> output{};
  std::uint64_t packed_bytes = 0;
  std::string error{};  ///< of a combination that is refused
};
/// `cpu`: QGRAPH_CPU while the Session is made; empty: as the environment has it.
Ran run(const Case& c, Kernels kernels, std::string_view cpu = {}, int threads = 1);

}  // namespace qgraph::test
