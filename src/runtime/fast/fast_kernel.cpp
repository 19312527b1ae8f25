// The ops that have fast kernels.
#include "runtime/fast/fast_kernel.hpp"

namespace qgraph::runtime {
namespace {

constexpr FastKernel table[] = {
    {"conv_2d", fast_convolution},
    {"depthwise_conv_2d", fast_depthwise},
    {"fully_connected", fast_convolution},
};

}  // namespace

std::span<const FastKernel> fast_kernels() noexcept { return table; }

}  // namespace qgraph::runtime
