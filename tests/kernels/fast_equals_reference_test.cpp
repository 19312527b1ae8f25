// Fast kernels give the reference kernels' bits: random layers, every instruction set of this processor, several numbers of
// threads.
#include "kernels/check_equal.hpp"
#include "kernels/depthwise_s8/depthwise_s8.hpp"
#include "kernels/gemm_s8/gemm_s8.hpp"

namespace qgraph::test {
namespace {

TEST_CASE("fast convolutions are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_convolution, 250, 1000);
  CHECK(tally.ran > 200);
  CHECK(tally.differing_plans > 200);
}

TEST_CASE("fast depthwise convolutions are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_depthwise, 250, 2000);
  CHECK(tally.ran > 200);
  CHECK(tally.differing_plans > 200);
}

TEST_CASE("fast fully connected layers are the reference's", "[kernels]") {
  const Tally tally = check_equal(random_fully_connected, 200, 3000);
  CHECK(tally.ran > 150);
  CHECK(tally.differing_plans > 150);
}

TEST_CASE("fast sums, differences and products are the reference's", "[kernels]") {
  CHECK(check_equal(random_binary, 400, 4000).ran > 300);
}

TEST_CASE("tables are the reference's functions", "[kernels]") {
  const Tally tally = check_equal(random_unary, 200, 5000);
  CHECK(tally.ran > 150);
  CHECK(tally.differing_plans > 150);
}

TEST_CASE("reals are quantized as the reference does it", "[kernels]") {
  CHECK(check_equal(random_quantize, 300, 6000).ran == 300);
}

TEST_CASE("work large enough for threads is split, with the same results", "[kernels][threads]") {
  Random random(7);
  GraphBuilder g;
  const TensorType image{Quantized(DType::int8, 0.1F, 3), Shape{1, 40, 40, 48}},
      weights{Quantized(DType::int8, 0.01F), Shape{64, 3, 3, 48}};
  const TensorType taps{Quantized(DType::int8, 0.02F), Shape{1, 3, 3, 64}},
      out{Quantized(DType::int8, 1.5F, -3), Shape::unknown_rank()};
  const Value x = g.input("x", image);
  const Tensor w = random.any(weights), d = random.any(taps);
  const Value y = g.add("conv_2d", {x, g.constant(w.type, w.data)}, {{"padding", std::string("same")}}, {out});
  const Value z = g.add("depthwise_conv_2d", {y, g.constant(d.type, d.data)}, {{"padding", std::string("same")}}, {out});
  g.set_outputs({g.add("add", {y, z}, {}, {out})});
  Case c{.model = Model({.graphs = {g.finish().value()}}), .inputs = {random.any(image)}, .text = "two layers and their sum"};
  const Ran reference = run(c, Kernels::reference);
  REQUIRE(reference.error == "");
  for (kernels::Cpu cpu : kernels::available_cpus())
    for (int threads : {1, 2, 3, 7})
      for (int again = 0; again < 5; ++again) REQUIRE(run(c, Kernels::fast, name(cpu), threads).output == reference.output);
}

TEST_CASE("an instruction set is chosen by name, and must be there", "[kernels]") {
  Random random(1);
  const Case c = random_fully_connected(random);
  CHECK(run(c, Kernels::fast, "itanium").error == "QGRAPH_CPU is 'itanium', which is no instruction set known here");
  CHECK(kernels::available_cpus().front() == kernels::Cpu::generic);
  for (kernels::Cpu cpu : kernels::available_cpus()) {
    CHECK(kernels::find_cpu(name(cpu)) == cpu);
    CHECK(run(c, Kernels::fast, name(cpu)).error == "");
  }
  CHECK(std::string_view(kernels::gemm_s8(kernels::Cpu::generic).name) == "generic");
  for (kernels::Cpu cpu : {kernels::Cpu::sse41, kernels::Cpu::avx2, kernels::Cpu::avx_vnni, kernels::Cpu::avx512_vnni,
                           kernels::Cpu::neon, kernels::Cpu::neon_dot}) {
    if (!kernels::has(cpu)) continue;
    CHECK(kernels::gemm_s8(cpu).name == name(cpu));
    CHECK(kernels::depthwise_s8(cpu).name == name(cpu));
  }
}

}  // namespace
}  // namespace qgraph::test
