#!/usr/bin/env python3
"""Times qgraph beside other runtimes and writes the tables and the plot of docs/benchmarks.md. Needs nothing but Python itself.

    tools/benchmarks.py --compare compare.py --python venv/bin/python --cli build/release/qgraph --corpus corpus --save run.json
    tools/benchmarks.py --from run.json                 # writes the page and the plot again

compare.py is run once for each number of threads. It takes --cli, --threads, --rounds, --json FILE and models, and writes a list of
{model, system, threads, load_ms, first_ms, min_ms, median_ms, peak_mb}, one entry for each system that ran the model; --python is an interpreter that
has the peers. Then qgraph's profile of each model that is above the aim is taken. On the page, what stands between
`<!-- tables -->` and `<!-- end of tables -->` is replaced; the plot lies beside it.
"""
import argparse, datetime, json, math, os, pathlib, subprocess, sys, tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODELS = [f'real/{m}' for m in (
    'mobilenet_v2_tf2_ptq', 'mobilenet_v1_025_128_uint8', 'deeplabv3_dm05_uint8', 'movenet_lightning_ptq', 'mcunet_vww_int8', 'face_landmark_int8',
    'tiny_kws_int8', 'tiny_resnet8_int8', 'tiny_vww_int8', 'tiny_ad01_int8', 'yamnet_int8', 'onnx_kws_qdq', 'onnx_kws_qoperator',
    'onnx_mobilenet_v2_qoperator')] + [f'made/{m}' for m in ('tfl_tfm_int8', 'ort_tfm_qdq', 'ort_cnn_qdq_u8s8')]
AIM = 0.75
NAMES = {'qgraph': 'qgraph', 'litert': 'LiteRT', 'onnxruntime': 'ONNX Runtime', 'openvino': 'OpenVINO'}
COLOURS = {'qgraph': '#d1495b', 'litert': '#00798c', 'onnxruntime': '#edae49', 'openvino': '#66a182'}
BEGIN, END = '<!-- tables -->', '<!-- end of tables -->'


def model_name(path):
    path = pathlib.Path(path)
    return path.parent.name if path.stem == 'model' else path.stem


def machine():
    try:
        lines = pathlib.Path('/proc/cpuinfo').read_text().splitlines()
        cpu = next(line.split(':', 1)[1].strip() for line in lines if line.startswith('model name'))
    except (OSError, StopIteration):
        cpu = 'an unknown processor'
    return f'{cpu}, {os.cpu_count()} processors'


def measure(a):
    files = [f for m in a.models or MODELS for f in sorted((a.corpus / m).glob('model.*')) if f.suffix in ('.tflite', '.onnx')]
    if not files:
        sys.exit(f'no models in {a.corpus}')
    rows = []
    for threads in a.threads:
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / 'rows.json'
            subprocess.run([a.python, a.compare, '--cli', a.cli, '--threads', str(threads), '--rounds', str(a.rounds), '--json', out, *files], check=True)
            rows += json.loads(out.read_text())
    run = {'machine': machine(), 'date': datetime.date.today().isoformat(), 'rounds': a.rounds, 'rows': rows, 'profiles': {}}
    names = {model_name(f): f for f in files}
    for model, systems in by_model(rows, a.threads[0]).items():
        if (ratio(systems, 'min_ms') or 0) <= AIM:
            continue
        p = subprocess.run([a.cli, 'bench', names[model], '--profile', '--format', 'json', '--threads', str(a.threads[0])], capture_output=True, text=True)
        if p.returncode == 0:
            run['profiles'][model] = json.loads(p.stdout)['nodes']
    return run


def by_model(rows, threads):
    """{model: {system: row}}, in the order in which models were measured."""
    models = {}
    for row in rows:
        if row['threads'] == threads:
            models.setdefault(model_name(row['model']), {})[row['system']] = row
    return models


def ratio(systems, key):
    """qgraph / best peer; None where one of them does not run the model."""
    peers = [row[key] for system, row in systems.items() if system != 'qgraph']
    return systems['qgraph'][key] / min(peers) if peers and 'qgraph' in systems else None


def mean(values):
    values = [v for v in values if v]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else None


def number(value, digits=None):
    """Three figures that count; nothing for None."""
    if value is None:
        return ''
    return f'{value:.{digits}f}' if digits is not None else f'{value:.3g}' if value < 1000 else f'{value:.0f}'


def table(head, rows):
    lines = ['| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head)]
    return '\n'.join(lines + ['| ' + ' | '.join(row) + ' |' for row in rows])


def speed_table(run, threads):
    models = by_model(run['rows'], threads)
    systems = [s for s in NAMES if any(s in m for m in models.values())]
    rows = []
    for model, measured in models.items():
        cells = [number(measured[s]['min_ms']) if s in measured else '' for s in systems]
        rows.append([model, *cells, number(ratio(measured, 'min_ms'), 2), number(ratio(measured, 'median_ms'), 2)])
    means = [number(mean(ratio(m, key) for m in models.values()), 3) for key in ('min_ms', 'median_ms')]
    rows.append(['geometric mean', *[''] * len(systems), *means])
    return table(['model', *(NAMES[s] for s in systems), 'qgraph / best peer', 'of medians'], rows)


def start_table(run, threads):
    models = by_model(run['rows'], threads)
    keys = ('load_ms', 'first_ms', 'peak_mb')
    rows = []
    for model, measured in models.items():
        own = measured.get('qgraph')
        rows.append([model] + [cell for key in keys for cell in (number(own[key] if own else None), number(ratio(measured, key), 2))])
    rows.append(['geometric mean'] + [cell for key in keys for cell in ('', number(mean(ratio(m, key) for m in models.values()), 3))])
    return table(['model', 'load, ms', '/ best peer', 'first result, ms', '/ best peer', 'peak memory, MB', '/ best peer'], rows)


def profile_tables(run):
    out = []
    for model, nodes in run.get('profiles', {}).items():
        groups = {}
        for node in nodes:
            group = groups.setdefault((node['op'], '/'.join(filter(None, (node['kernel'], node['instructions'])))), [0, 0, 0, 0, 0.0])
            for i, value in enumerate((1, node['median_us'], node['multiply_adds'], node['bytes'], node['share'])):
                group[i] += value
        rows = []
        for (op, kernel), (count, time, macs, moved, share) in sorted(groups.items(), key=lambda g: -g[1][1])[:5]:
            rate = lambda amount: number(amount / time / 1e3) if amount and time else ''
            rows.append([op, kernel, str(count), f'{100 * share:.0f}%', number(time), rate(macs), rate(moved)])
        out.append(f'**{model}**\n\n' + table(['op', 'kernel', 'nodes', 'share', 'us', 'GMAC/s', 'GB/s'], rows))
    return out


def page_text(run, plot):
    threads = sorted({row['threads'] for row in run['rows']})
    parts = [f"{run['date']}, {run['machine']}; {run['rounds']} interleaved rounds. Steady state, the least milliseconds of a run; in the last columns qgraph "
             'beside the fastest of the others: below 1 it is ahead. An empty cell: the runtime does not run the model.', f'![how many times as long each takes]({plot})']
    for t in threads:
        parts += [f"### {t} thread{'s' if t > 1 else ''}", speed_table(run, t)]
    parts += ['### Until the first result, and memory', f"With {threads[0]} thread{'s' if threads[0] > 1 else ''}. First result: load, prepare and first run together.",
              start_table(run, threads[0])]
    profiles = profile_tables(run)
    if profiles:
        parts += [f'### Where the time goes in models above {AIM}', *profiles]
    return '\n\n'.join(parts)


def write_page(page, text):
    old = page.read_text()
    before, begin, rest = old.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        sys.exit(f'{page} has no {BEGIN} ... {END}')
    page.write_text(f'{before}{BEGIN}\n{text}\n{END}{after}')


def svg(run):
    """A row for each model, a panel for each number of threads: time / qgraph's time, on a logarithmic axis."""
    panels = sorted({row['threads'] for row in run['rows']})
    names = [m for m in by_model(run['rows'], panels[0])]
    factors = {t: {m: {s: r['min_ms'] / systems['qgraph']['min_ms'] for s, r in systems.items()}
                   for m, systems in by_model(run['rows'], t).items() if 'qgraph' in systems} for t in panels}
    every = [f for panel in factors.values() for model in panel.values() for f in model.values()] or [1]
    low, high = math.floor(math.log2(min(every))), max(math.ceil(math.log2(max(every))), 1)
    left, width, gap, top, step = 220, 300, 30, 60, 22
    height, full = top + step * len(names) + 50, left + len(panels) * (width + gap)
    x = lambda panel, factor: left + panel * (width + gap) + width * (math.log2(factor) - low) / (high - low)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full} {height}" width="{full}" height="{height}" font-family="sans-serif" font-size="12">',
           f'<rect width="{full}" height="{height}" fill="#ffffff"/>']
    text = lambda px, py, words, anchor='middle', fill='#222222': out.append(f'<text x="{px:.1f}" y="{py:.1f}" text-anchor="{anchor}" fill="{fill}">{words}</text>')
    for i, system in enumerate(s for s in NAMES if any(row['system'] == s for row in run['rows'])):
        out.append(f'<circle cx="{left + i * 110 + 6}" cy="16" r="5" fill="{COLOURS[system]}"/>')
        text(left + i * 110 + 16, 20, NAMES[system], 'start')
    for panel, threads in enumerate(panels):
        text(x(panel, 2**low) + width / 2, 44, f"{threads} thread{'s' if threads > 1 else ''}: time / qgraph&#8217;s")
        for power in range(low, high + 1):
            px = x(panel, 2.0**power)
            out.append(f'<line x1="{px:.1f}" x2="{px:.1f}" y1="{top - 8}" y2="{height - 44}" stroke="{"#222222" if power == 0 else "#dddddd"}"/>')
            text(px, height - 28, number(2.0**power))
        for i, name in enumerate(names):
            y = top + step * i + step / 2
            if panel == 0:
                text(left - 12, y + 4, name, 'end')
            points = factors[threads].get(name, {})
            if points:
                out.append(f'<line x1="{x(panel, min(points.values())):.1f}" x2="{x(panel, max(points.values())):.1f}" y1="{y}" y2="{y}" stroke="#bbbbbb"/>')
            for system in reversed(NAMES):
                if system in points:
                    out.append(f'<circle cx="{x(panel, points[system]):.1f}" cy="{y}" r="5" fill="{COLOURS[system]}"><title>{name}, {NAMES[system]}: '
                               f'{number(points[system])}</title></circle>')
    text(left + (full - left) / 2, height - 8, 'to the left of the black line: faster than qgraph; to the right: slower')
    return '\n'.join([*out, '</svg>', ''])


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument('--from', dest='saved', type=pathlib.Path, help='a run that --save has written')
    a.add_argument('--compare', type=pathlib.Path, help='compare.py')
    a.add_argument('--python', default=sys.executable, help='the interpreter for it')
    a.add_argument('--cli', default='build/release/qgraph')
    a.add_argument('--corpus', type=pathlib.Path, help='the folder that holds the models')
    a.add_argument('--models', nargs='*', help='folders in it, each with a model.tflite or model.onnx')
    a.add_argument('--threads', nargs='+', type=int, default=[1, 2])
    a.add_argument('--rounds', type=int, default=5)
    a.add_argument('--save', type=pathlib.Path)
    a.add_argument('--page', type=pathlib.Path, default=ROOT / 'docs/benchmarks.md')
    a = a.parse_args()
    if not a.saved and not (a.compare and a.corpus):
        sys.exit('either --from RUN, or --compare and --corpus')
    run = json.loads(a.saved.read_text()) if a.saved else measure(a)
    if a.save:
        a.save.write_text(json.dumps(run, indent=1))
    plot = a.page.with_suffix('.svg')
    plot.write_text(svg(run))
    write_page(a.page, page_text(run, plot.name))
    print(f'{a.page} and {plot.name} are written')


if __name__ == '__main__':
    main()
