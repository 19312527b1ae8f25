#!/usr/bin/env python3
"""Makes tests/ops/<op>.json: small .tflite models, inputs, and what LiteRT's reference kernels answer. Development only.

    python tools/litert_cases.py tools/cases/<family>.py [op...]

regenerates the files of a family, or only those of the ops named. Needs ai_edge_litert 2.3.0 and numpy. A family file is Python
and describes cases:

    from litert_cases import T, Node, Graph, case

    case('add', 'int8_relu', op='ADD', version=2, options={'fused_activation_function': 'RELU'},
         inputs=[T('int8', [2, 3], scale=0.5, zero_point=3), T('int8', [3], scale=0.25, data='random')],
         outputs=[T('int8', [2, 3], scale=0.5)])

- case(file, name, ...) goes to tests/ops/<file>.json. One node: op, version, options, inputs, outputs, bodies. Several: nodes=[Node(...)].
- T objects are tensors, identified by object: use one twice to connect nodes. Without `data`, not `variable` and made by no node, a
  T is a graph input, in order of first use (graph_inputs= says otherwise). Graph outputs are the last node's outputs
  (graph_outputs= says otherwise). None in inputs: an optional operand left out.
- T(dtype, shape, scale, zero_point, axis, data, values, low, high, variable, signature, feed_shape, name): dtype in qgraph's words
  (float32 boolean int4 string ...). data: a constant; numbers, or 'random' (between low and high). values: what an input is fed, else
  random between low and high; in a case with runs=N a list of N. feed_shape: the shape fed, where it differs from the declared one.
  signature: shape_signature, with -1. scale may be a list (per axis).
- op: the schema's BuiltinOperator name, or 'custom:<name>'; then options may be bytes, or a dict (stored as a flexbuffer map).
- options: a dict with the schema's field names; enumerators by their words. The table is found by the op's name, else name it:
  options=('Pool2DOptions', {...}).
- bodies=[Graph(inputs=[T...], outputs=[T...], nodes=[Node...])]: further subgraphs, numbered from 1 in the order given.
- expect=[[array per output] per run] and by='who says so' where LiteRT cannot run it or is wrong; code='QG3101' (with by) where the model must be refused.
- resolver='BUILTIN': LiteRT's optimized kernels, for the few ops that its reference resolver lacks.
- tolerance: float outputs: fraction of the range (default 1e-5); integer outputs: how far apart (default 0).
"""
import base64, json, pathlib, sys, zlib
import numpy as np
import flatbuffers
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

TYPES = {'float32': 'FLOAT32', 'float16': 'FLOAT16', 'int32': 'INT32', 'uint8': 'UINT8', 'int64': 'INT64', 'string': 'STRING',
         'boolean': 'BOOL', 'int16': 'INT16', 'complex64': 'COMPLEX64', 'int8': 'INT8', 'float64': 'FLOAT64', 'complex128': 'COMPLEX128',
         'uint64': 'UINT64', 'resource': 'RESOURCE', 'variant': 'VARIANT', 'uint32': 'UINT32', 'uint16': 'UINT16', 'int4': 'INT4',
         'bfloat16': 'BFLOAT16', 'int2': 'INT2', 'uint4': 'UINT4'}
OPTIONS = {'AVERAGE_POOL_2D': 'Pool2DOptions', 'MAX_POOL_2D': 'Pool2DOptions', 'L2_POOL_2D': 'Pool2DOptions', 'L2_NORMALIZATION': 'L2NormOptions',
           'MEAN': 'ReducerOptions', 'SUM': 'ReducerOptions', 'REDUCE_PROD': 'ReducerOptions', 'REDUCE_MAX': 'ReducerOptions',
           'REDUCE_MIN': 'ReducerOptions', 'REDUCE_ANY': 'ReducerOptions', 'REDUCE_ALL': 'ReducerOptions', 'CONV_3D': 'Conv3DOptions',
           'CONV_3D_TRANSPOSE': 'Conv3DOptions', 'MAXIMUM': 'MaximumMinimumOptions', 'MINIMUM': 'MaximumMinimumOptions',
           'RANDOM_UNIFORM': 'RandomOptions', 'RANDOM_STANDARD_NORMAL': 'RandomOptions', 'MULTINOMIAL': 'RandomOptions',
           'SPACE_TO_BATCH_ND': 'SpaceToBatchNDOptions', 'LOCAL_RESPONSE_NORMALIZATION': 'LocalResponseNormalizationOptions'}
NUMPY = {'boolean': np.bool_, 'int4': np.int8, 'int2': np.int8, 'uint4': np.uint8, 'string': object}
ENUMS = [schema.ActivationFunctionType, schema.Padding, schema.TensorType, schema.MirrorPadMode, schema.LSTMKernelType, schema.CombinerType,
         schema.FullyConnectedOptionsWeightsFormat, schema.LSHProjectionType, schema.ReduceWindowFunction]
RESOLVERS = {'BUILTIN_REF': OpResolverType.BUILTIN_REF, 'BUILTIN': OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES}
MODULE = sys.modules[__name__]
sys.modules['litert_cases'] = MODULE  # the family files import this very module


class T:
    def __init__(self, dtype, shape, scale=None, zero_point=0, axis=0, data=None, values=None, low=None, high=None, variable=False,
                 signature=None, feed_shape=None, name=None):
        self.__dict__.update(locals())
        self.shape = list(shape)

    def numpy(self):
        return NUMPY.get(self.dtype, getattr(np, self.dtype, None))

    def random(self, rng, shape):
        low, high = self.low, self.high
        if self.dtype == 'boolean':
            return rng.integers(0, 2, shape).astype(np.bool_)
        if self.dtype == 'string':
            return np.array([rng.choice(['', 'a', 'tea', 'long word']) for _ in range(int(np.prod(shape)))], object).reshape(shape)
        if self.dtype.startswith('complex'):
            return (rng.uniform(-4, 4, shape) + 1j * rng.uniform(-4, 4, shape)).astype(self.numpy())
        if 'int' in self.dtype:
            bits = int(self.dtype.lstrip('uint'))
            unsigned = self.dtype[0] == 'u'
            least, most = (0, 2**bits - 1) if unsigned else (-(2**(bits - 1)), 2**(bits - 1) - 1)
            if self.scale is None and bits > 8:
                least, most = max(least, -100), min(most, 100)
            return rng.integers(least if low is None else low, (most if high is None else high) + 1, shape, dtype=np.int64).astype(self.numpy())
        return rng.uniform(-4 if low is None else low, 4 if high is None else high, shape).astype(np.float32).astype(self.numpy())

    def array(self, values, rng, shape=None):
        shape = self.shape if shape is None else shape
        if values is None or isinstance(values, str) and values == 'random':
            return self.random(rng, shape)
        return np.array(values, self.numpy()).reshape(shape)


class Node:
    def __init__(self, op, inputs, outputs, options=None, version=1, bodies=(), intermediates=()):
        self.__dict__.update(locals())


class Graph:
    def __init__(self, inputs, outputs, nodes):
        self.__dict__.update(locals())


def pack_strings(array):
    texts = [s if isinstance(s, bytes) else str(s).encode() for s in array.reshape(-1)]
    offsets = 4 * (len(texts) + 2) + np.concatenate([[0], np.cumsum([len(s) for s in texts])])
    return np.int32([len(texts)]).tobytes() + offsets.astype(np.int32).tobytes() + b''.join(texts)


def packed(t, array):
    """The bytes of a buffer: sub-byte types low bits first."""
    if t.dtype == 'string':
        return pack_strings(array)
    per_byte = {'int4': 2, 'uint4': 2, 'int2': 4}.get(t.dtype)
    if not per_byte:
        return array.tobytes()
    bits = 8 // per_byte
    flat = array.reshape(-1).astype(np.int64) & ((1 << bits) - 1)
    flat = np.pad(flat, (0, -len(flat) % per_byte)).reshape(-1, per_byte)
    return sum(flat[:, i] << (bits * i) for i in range(per_byte)).astype(np.uint8).tobytes()


def camel(name):
    head, *rest = name.split('_')
    return head + ''.join(x[:1].upper() + x[1:] for x in rest)


def enumerator(value):
    if not isinstance(value, str):
        return value
    value = TYPES.get(value, value)
    for e in ENUMS:
        if hasattr(e, value):
            return getattr(e, value)
    raise ValueError(f'no enumerator {value}')


def options_table(op, options):
    """(which union, number in it, the table) or None."""
    name, fields = options if isinstance(options, tuple) else (OPTIONS.get(op), options)
    tables = [k for k in vars(schema) if k.endswith('Options')]
    if name is None:
        name = next((k for k in tables if k.lower() == op.replace('_', '').lower() + 'options'), None)
    if name is None:
        if fields:
            raise ValueError(f'{op}: name the options table')
        return None
    table = getattr(schema, name + 'T')()
    for key, value in (fields or {}).items():
        attribute = camel(key)
        if not hasattr(table, attribute):
            raise ValueError(f'{name} has no {key}: {sorted(vars(table))}')
        text = isinstance(value, str) and getattr(table, attribute) is None  # strings have no default, enumerators have a number
        setattr(table, attribute, value if text else enumerator(value))
    if hasattr(schema.BuiltinOptions, name):
        return 1, getattr(schema.BuiltinOptions, name), table
    return 2, getattr(schema.BuiltinOptions2, name), table


class Case:
    def __init__(self, file, name, op=None, inputs=(), outputs=(), options=None, version=1, bodies=(), intermediates=(), nodes=None,
                 graph_inputs=None, graph_outputs=None, runs=1, expect=None, by=None, code=None, tolerance=None, resolver='BUILTIN_REF'):
        self.resolver = resolver
        self.file, self.name, self.runs, self.expect, self.by, self.code, self.tolerance = file, name, runs, expect, by, code, tolerance
        self.rng = np.random.default_rng(zlib.crc32(f'{file}/{name}'.encode()))
        nodes = nodes or [Node(op, inputs, outputs, options, version, bodies, intermediates)]
        made = {id(t) for n in nodes for t in n.outputs}
        if graph_inputs is None:
            graph_inputs = list({id(t): t for n in nodes for t in n.inputs
                                 if t is not None and t.data is None and not t.variable and id(t) not in made}.values())
        self.main = Graph(graph_inputs, graph_outputs or list(nodes[-1].outputs), nodes)
        self.names = 0

    def model(self):
        m = schema.ModelT()
        m.version, m.buffers, m.operatorCodes, self.codes = 3, [schema.BufferT()], [], {}
        graphs = [self.main] + [g for n in self.main.nodes for g in n.bodies]
        m.subgraphs = [self.subgraph(m, g) for g in graphs]
        builder = flatbuffers.Builder(1024)
        builder.Finish(m.Pack(builder), b'TFL3')
        return bytes(builder.Output())

    def subgraph(self, m, g):
        s, index = schema.SubGraphT(), {}
        s.tensors, s.operators = [], []

        def at(t):
            if t is None:
                return -1
            if id(t) not in index:
                index[id(t)] = len(s.tensors)
                s.tensors.append(self.tensor(m, t))
            return index[id(t)]
        s.inputs = [at(t) for t in g.inputs]
        for n in g.nodes:
            o = schema.OperatorT()
            o.inputs, o.outputs = [at(t) for t in n.inputs], [at(t) for t in n.outputs]
            if n.intermediates:
                o.intermediates = [at(t) for t in n.intermediates]
            o.opcodeIndex = self.opcode(m, n)
            if n.op.startswith('custom:'):
                data = n.options or b''
                if isinstance(data, dict):
                    from flatbuffers import flexbuffers
                    fbb = flexbuffers.Builder()
                    fbb.MapFromElements(data)
                    data = bytes(fbb.Finish())
                o.customOptions = np.frombuffer(data, np.uint8)
            else:
                table = options_table(n.op, n.options)
                if table and table[0] == 1:
                    _, o.builtinOptionsType, o.builtinOptions = table
                elif table:
                    _, o.builtinOptions2Type, o.builtinOptions2 = table
            s.operators.append(o)
        s.outputs = [at(t) for t in g.outputs]
        return s

    def opcode(self, m, n):
        key = (n.op, n.version)
        if key not in self.codes:
            c = schema.OperatorCodeT()
            if n.op.startswith('custom:'):
                c.builtinCode, c.customCode = schema.BuiltinOperator.CUSTOM, n.op[7:]
            else:
                c.builtinCode = getattr(schema.BuiltinOperator, n.op)
            c.deprecatedBuiltinCode, c.version = min(c.builtinCode, 127), n.version
            self.codes[key] = len(m.operatorCodes)
            m.operatorCodes.append(c)
        return self.codes[key]

    def tensor(self, m, t):
        r = schema.TensorT()
        r.shape, r.type, r.isVariable, r.hasRank = t.shape, getattr(schema.TensorType, TYPES[t.dtype]), t.variable, True
        if t.signature is not None:
            r.shapeSignature = t.signature
        r.name = t.name if t.name is not None else f't{self.names}'
        self.names += 1
        if t.scale is not None:
            q = r.quantization = schema.QuantizationParametersT()
            q.scale = np.atleast_1d(np.float32(t.scale))
            q.zeroPoint = np.broadcast_to(np.int64(t.zero_point), q.scale.shape).copy()
            q.quantizedDimension = t.axis
        if t.data is not None:
            b = schema.BufferT()
            b.data = np.frombuffer(packed(t, t.array(t.data, self.rng)), np.uint8)
            r.buffer = len(m.buffers)
            m.buffers.append(b)
        return r

    def feeds(self):
        for run in range(self.runs):
            row = []
            for t in self.main.inputs:
                values = t.values[run] if t.values is not None and self.runs > 1 else t.values
                row.append(t.array(values, self.rng, t.feed_shape))
            yield row

    def make(self):
        model = self.model()
        case = {'name': self.name, 'by': self.by or f'LiteRT 2.3.0 {self.resolver}', 'tflite': base64.b64encode(model).decode()}
        if self.tolerance is not None:
            case['tolerance'] = self.tolerance
        if self.code:
            case['code'] = self.code
            return case
        feeds = list(self.feeds())
        if self.expect is not None:
            answers = [[np.array(a, o.numpy()).reshape(np.shape(a) if np.ndim(a) else o.shape) for a, o in zip(row, self.main.outputs)] for row in self.expect]
        else:
            answers = list(self.ask(model, feeds))
        words = lambda ts, row: [encode(t.dtype, a) for t, a in zip(ts, row)]
        case['runs'] = [{'inputs': words(self.main.inputs, f), 'outputs': words(self.main.outputs, a)} for f, a in zip(feeds, answers)]
        return case

    def ask(self, model, feeds):
        litert = Interpreter(model_content=model, num_threads=1, 
                             experimental_op_resolver_type=RESOLVERS[self.resolver])
        inputs = litert.get_input_details()
        for d, t in zip(inputs, self.main.inputs):
            if t.feed_shape is not None:
                litert.resize_tensor_input(d['index'], t.feed_shape)
        litert.allocate_tensors()
        for row in feeds:
            for d, t, a in zip(inputs, self.main.inputs, row):
                litert.set_tensor(d['index'], np.array([str(x).encode() for x in a.reshape(-1)]).reshape(a.shape) if t.dtype == 'string' else a)
            litert.invoke()
            # get_tensor refuses tensors without elements.
            yield [np.array(litert.get_tensor(d['index'])) if np.prod(d['shape']) else np.empty(d['shape'], d['dtype']) for d in litert.get_output_details()]


def encode(dtype, array):
    r = {'dtype': dtype, 'shape': list(array.shape)}
    if dtype == 'string':
        r['data'] = [s.decode() if isinstance(s, bytes) else str(s) for s in array.reshape(-1)]
    elif array.size > 16 or array.dtype.kind not in 'iubf' or not np.isfinite(array).all():
        r['base64'] = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    elif array.dtype.kind == 'f':
        r['data'] = [float(x) for x in array.reshape(-1)]
    else:
        r['data'] = [int(x) for x in array.reshape(-1)]
    return r


CASES = {}


def case(file, name, **how):
    cases = CASES.setdefault(file, [])
    if any(c.name == name for c in cases):
        raise ValueError(f'{file}/{name} is there twice')
    cases.append(Case(file, name, **how))


def main():
    family, wanted = pathlib.Path(sys.argv[1]), sys.argv[2:]
    exec(compile(family.read_text(), str(family), 'exec'), {'__name__': 'family'})
    out = pathlib.Path(__file__).resolve().parent.parent / 'tests' / 'ops'
    failed = 0
    for file, cases in CASES.items():
        if wanted and file not in wanted:
            continue
        lines = []
        for c in cases:
            try:
                lines.append(json.dumps(c.make(), separators=(',', ':')))
            except Exception as e:  # LiteRT's refusals come as ValueError and RuntimeError
                failed += 1
                print(f'{file}/{c.name}: {e}')
        text = '{"cases":[\n' + ',\n'.join(lines) + '\n]}\n'
        (out / f'{file}.json').write_text(text)
        print(f'{file}: {len(lines)} cases, {len(text)} bytes')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
