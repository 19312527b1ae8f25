// Everything public.
#pragma once

#include "qgraph/builder.hpp"
#include "qgraph/check.hpp"
#include "qgraph/dtype.hpp"
#include "qgraph/fix.hpp"
#include "qgraph/graph.hpp"
#include "qgraph/load.hpp"
#include "qgraph/registry.hpp"
#include "qgraph/report.hpp"
#include "qgraph/result.hpp"
#include "qgraph/save.hpp"
#include "qgraph/sequence.hpp"
#include "qgraph/session.hpp"
#include "qgraph/source.hpp"
#include "qgraph/tensor.hpp"
#include "qgraph/thread_pool.hpp"
