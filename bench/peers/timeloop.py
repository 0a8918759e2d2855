"""Hold Timeloop's figures against mulfree's for one mapping after the other. Run by bench/peers/timeloop.

    timeloop.py MULFREE [--every] [NETWORK ...]

Each figure that Timeloop prints (words moved per tensor and place, positions, cycles, energy) is compared twice: with
what mulfree says of the layer, and with what Timeloop should say if the causes below are all there is. The second comes
from mulfree's own counts of a changed layer (padding as data, whole PEs) and, for the ifmap, from a walk over the nest
by Timeloop's rules.
"""
import collections
import json
import math
import os
import re
import subprocess
import sys
import tempfile

TENSORS = {"ifmap": "Inputs", "weight": "Weights", "psum": "Outputs"}
PLACES = ("dram", "buffer", "register")
DIMENSIONS = "NGMCPQRS"
OURS = dict(zip(DIMENSIONS, "NGMCEFRS"))
VARIANTS = [["--op", "mult"], ["--op", "shift"], ["--op", "add"], ["--op", "mult", "--bits", "8"],
            ["--op", "mult", "--bits", "16", "-a", "eyeriss-12x14"]]
FILLS = ("DRAM I", "DRAM W", "DRAM O write", "DRAM O read", "buffer I fill", "buffer O write")
SHOWN = {"alexnet": [0, 2, 4], "mobilenetv2-w0.35": [0, 5, 7, 10, 12]}
FREE = [f"accelerator.{key}=65536" for key in ("pe_rows", "pe_columns", "ifmap_register_words", "weight_register_words",
                                               "psum_register_words")] + ["accelerator.buffer_words=100000000"]


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
    return done


def mulfree(arguments):
    done = run([MULFREE, "map", *arguments, "--format", "json"])
    return json.loads(done.stdout), done.stderr


# ---- Timeloop's side ---------------------------------------------------------------------------------------------

def timeloop(folder):
    """Its figures: words per place and tensor as (reads, fills, updates), and sums; None if it does not load."""
    files = [f"{folder}/{name}.yaml" for name in ("problem", "architecture", "ert", "art", "mapping")]
    done = subprocess.run(["timeloop-model", *files, "-o", folder], capture_output=True, text=True)
    path = f"{folder}/timeloop-model.stats.txt"
    if done.returncode or not os.path.exists(path):
        return None
    levels, level, tensor = {}, None, None
    text = open(path).read()
    for line in text.split("\nNetworks\n")[0].splitlines():
        heading = re.match(r"=== (.+?) ===", line)
        space = re.match(r"    (Inputs|Weights|Outputs):$", line)
        pair = re.match(r"( +)([^:]+?) *: (.*)$", line)
        if heading:
            level, tensor = levels.setdefault(heading[1], {}), None
        elif space:
            tensor = level.setdefault(space[1], {})
        elif pair and level is not None:
            (tensor if tensor is not None and len(pair[1]) > 4 else level)[pair[2]] = pair[3]
    figures = {"pj": float(levels["mac"]["Energy (total)"].split()[0]),
               "macs": int(levels["mac"]["Computes (total)"]),
               "cycles": int(re.search(r"Summary Stats.*?Cycles: (\d+)", text, re.S)[1])}
    for place in PLACES:
        for ours, theirs in TENSORS.items():
            stats = levels[f"{place}_{ours}"].get(theirs)
            n = int(stats["Utilized instances (max)"]) if stats else 0
            figures[place, ours] = tuple(n * int(stats[f"Scalar {what} (per-instance)"]) if stats else 0
                                         for what in ("reads", "fills", "updates"))
            if (place, ours) == ("register", "psum"):
                figures["begun"] = n * int(stats["Partition size"])
            figures["pj"] += float(stats["Energy (total)"].split()[0]) if stats else 0
    return figures


def read_yaml(folder):
    """What the files say: sizes, factors per dimension from the inside out, loop orders, prices, rates."""
    sizes = {k: int(v) for k, v in re.findall(r"^    (\w+): (\d+)$", open(f"{folder}/problem.yaml").read(), re.M)}
    text = open(f"{folder}/mapping.yaml").read()
    blocks = {(m[1], m[2]): m[0] for m in re.finditer(r"- target: (\w+)\n  type: (\w+)(?:\n  .*)*", text)}
    sources = [("register_psum", "temporal"), ("buffer_psum", "spatial"), ("buffer_psum", "temporal"),
               ("dram_psum", "temporal")]
    factors = {d: [] for d in DIMENSIONS}
    for source in sources:
        for d, steps, last in re.findall(r"(\w)=(\d+)(?:,(\d+))?", blocks[source].split("permutation")[0]):
            factors[d].append((int(steps), int(last or steps)))
    orders = [re.search(r"permutation: (\w+)", blocks[source])[1][::-1] for source in sources[:1:-1]]
    prices = {m[1]: [float(x) for x in re.findall(r"energy: (\S+)", m[2])] for m in re.finditer(
        r"  - name: (\w+)\n    actions:\n((?:    .*\n?)+)", open(f"{folder}/ert.yaml").read())}
    rates = {}
    for key, value in re.findall(r"(name|\w+_bandwidth): (\S+)", open(f"{folder}/architecture.yaml").read()):
        if key == "name":
            place = rates.setdefault(value, {})
        else:
            place[key] = float(value)
    bypass = {t: theirs not in re.search(r"keep: \[(.*)\]", blocks[f"buffer_{t}", "datatype"])[1]
              for t, theirs in TENSORS.items()}
    return dict(sizes=sizes, factors=factors, orders=orders, prices=prices, rates=rates, bypass=bypass,
                refetches="no_temporal_reuse" in text,
                uneven=any(f[0] != f[1] for d in DIMENSIONS for f in factors[d]))


# ---- what Timeloop should say ------------------------------------------------------------------------------------

def report_of(folder, files, arguments, op, sizes):
    """What mulfree says of the nest for a layer of these sizes, with padding as data and room for all of it."""
    stride = files["sizes"]["Stride"]
    layer = {"name": "changed", "batch": sizes["N"],
             "input": {"channels": sizes["G"] * sizes["C"], "rows": (sizes["P"] - 1) * stride + sizes["R"],
                       "columns": (sizes["Q"] - 1) * stride + sizes["S"]},
             "parts": [{"type": "conv", "channels": sizes["G"] * sizes["M"], "kernel": f"{sizes['R']}x{sizes['S']}",
                        "stride": stride, "padding": "valid", "groups": sizes["G"], "op": op}]}
    tiles = [{}, {}, {}, {}]
    for d in DIMENSIONS:
        tile = 1
        for level, steps in enumerate((0, 1, None, 2)):
            tile *= files["factors"][d][steps][0] if steps is not None else 1
            tiles[level][OURS[d]] = min(tile, sizes[d])
    nest = {"tiles": dict(zip(("register", "columns", "rows", "buffer"), tiles)),
            "order": {where: [OURS[d] for d in order] for where, order in zip(("dram", "buffer"), files["orders"])},
            "bypass_buffer": [t for t in TENSORS if files["bypass"][t]]}
    for name, what in (("layer", layer), ("tiles", nest)):
        with open(f"{folder}/{name}.json", "w") as file:
            json.dump(what, file)
    return mulfree([f"{folder}/layer.json", "-l", "0", *arguments, "-m", f"{folder}/tiles.json",
                    *(word for s in FREE for word in ("-s", s))])[0]


def visits(files, levels):
    """The steps that Timeloop looks at of the loops on these levels, outermost first, as (index per loop, steps that
    one stands for, the same where the innermost loop sums up): the first and the second of a loop, the second for all
    that follow; with remainders the last two as well."""
    loops = [(d, level) for level in levels for d in files["orders"][3 - level] if files["factors"][d][level][0] > 1]

    def walk(at, index, weight):
        if at == len(loops):
            yield index, weight, weight
            return
        d, level = loops[at]
        steps, last = files["factors"][d][level]
        if is_last(files, index, d, [l for l in (3, 2) if l > level]):
            steps = last
        chosen = [(0, 1, 1)]
        if not files["uneven"] and steps >= 2:
            chosen += [(1, steps - 1, steps - 1)]
        elif files["uneven"] and steps >= 4:
            chosen += [(1, steps - 3, steps - 2), (steps - 2, 1, 0), (steps - 1, 1, 1)]
        elif files["uneven"] and steps >= 2:
            chosen += [(i, 1, 1) for i in range(1, steps)]
        for i, times, summed in chosen:
            index[d, level] = i
            if at == len(loops) - 1:
                yield index, weight * times, weight * summed
            else:
                yield from walk(at + 1, index, weight * times)
        del index[d, level]

    yield from walk(0, {}, 1)


def is_last(files, index, d, levels):
    """Are the loops of a dimension at these levels in their last step of all?"""
    return all(index.get((d, level), 0) == files["factors"][d][level][1] - 1 for level in levels)


def new_words(low, size, state):
    """Words of an ifmap tile that are not kept from the one before: Timeloop keeps what they share if the tile has
    moved as far as the time before, or for the first time since it did not. `state` is [tile before, its move]."""
    before, moved = state
    move = tuple(a - b for a, b in zip(low, before[0])) if before else None
    state[0] = (low, size)
    if before and moved is not None and move != moved:
        state[1] = None
        return math.prod(size)
    state[1] = move
    shared = math.prod(max(0, min(a + n, b + m) - max(a, b)) for a, n, b, m in zip(low, size, *before)) if before else 0
    return math.prod(size) - shared


def box(files, first, extent):
    """Where the ifmap tile of these steps begins, and its sizes."""
    stride = files["sizes"]["Stride"]
    return ([first["N"], first["G"], first["C"], stride * first["P"] + first["R"], stride * first["Q"] + first["S"]],
            [extent["N"], extent["G"], extent["C"], stride * (extent["P"] - 1) + extent["R"],
             stride * (extent["Q"] - 1) + extent["S"]])


def ifmap_fills(files):
    """Words that come from DRAM into the buffer."""
    f, words, state = files["factors"], 0, [None, None]
    for index, _, weight in visits(files, [3]):
        first, extent = {}, {}
        for d in DIMENSIONS:
            (reg, reg_last), (pes, pes_last), (buffer, buffer_last), _ = f[d]
            first[d] = index.get((d, 3), 0) * buffer * pes * reg
            extent[d] = (((buffer_last - 1) * pes + pes_last - 1) * reg + reg_last if is_last(files, index, d, [3])
                         else buffer * pes * reg)
        if files["refetches"]:
            state = [None, None]
        words += weight * new_words(*box(files, first, extent), state)
    return words


def ifmap_words(files):
    """Words read for the array, and words that PE 0 takes. PEs with equal tiles share them, others do not."""
    f, stride, state = files["factors"], files["sizes"]["Stride"], [None, None]
    read = taken = 0
    for index, weight, _ in visits(files, [3, 2]):
        first, extent, pes = {}, {}, {}
        for d in DIMENSIONS:
            (reg, reg_last), (n_pes, pes_last), (buffer, _), _ = f[d]
            at_end = is_last(files, index, d, [3, 2])
            pes[d] = pes_last if at_end else n_pes
            first[d] = (index.get((d, 3), 0) * buffer + index.get((d, 2), 0)) * n_pes * reg
            extent[d] = reg_last if at_end and pes_last == 1 else reg
        new = new_words(*box(files, first, extent), state)
        rows, columns = (len({stride * a * f[out][0][0] + b * f[kernel][0][0]
                              for a in range(pes[out]) for b in range(pes[kernel])}) for out, kernel in ("PR", "QS"))
        read += weight * new * rows * columns * pes["N"] * pes["G"] * pes["C"]
        taken += weight * new
    return read, taken


def expected(folder, files, arguments, op, begun):
    """Every figure that Timeloop should print, as in timeloop(). `begun`: psums whose first access it leaves out; that
    it prints itself (the partition size of a PE)."""
    f, sizes = files["factors"], {d: files["sizes"][d] for d in DIMENSIONS}
    n_pes = math.prod(f[d][1][0] for d in DIMENSIONS)
    whole = dict(sizes)     # the last PE has as much to do as the first
    all_pes = dict(sizes)   # and all PEs work in the last array tile
    for d in DIMENSIONS:
        (reg, reg_last), (steps, last), buffer, dram = f[d]
        if steps > 1:
            tiles = (dram[1] - 1) * buffer[0] + buffer[1]
            whole[d] = -(-sizes[d] // reg) * reg if last > 1 else sizes[d]
            all_pes[d] = ((tiles - 1) * reg + (reg if last > 1 else reg_last)) * steps
    outside, array, pes = (report_of(folder, files, arguments, op, changed)["counts"]
                           for changed in (sizes, whole, all_pes))
    first = lambda t: (array if files["bypass"][t] else outside)[t]
    words = math.prod(sizes[d] for d in "NGMPQ")
    held = array["psum"]["n_buffer_writes"] - array["psum"]["n_dram_reads"]
    filled, (read, taken) = ifmap_fills(files), ifmap_words(files)
    macs = pes["n_macs"]
    figures = {
        ("dram", "ifmap"): (filled, 0, 0),
        ("dram", "weight"): (first("weight")["n_dram_reads"], 0, 0),
        ("dram", "psum"): (first("psum")["n_dram_reads"], 0, first("psum")["n_dram_writes"]),
        ("buffer", "ifmap"): (read, filled, 0),
        ("buffer", "weight"): (array["weight"]["n_buffer_reads"], outside["weight"]["n_buffer_writes"], 0),
        ("buffer", "psum"): (held - words, outside["psum"]["n_dram_reads"], held),
        ("register", "ifmap"): (macs, taken * n_pes, 0),
        ("register", "weight"): (macs, pes["weight"]["n_deliveries"], 0),
        ("register", "psum"): (macs - begun, pes["psum"]["n_deliveries"] - begun, macs),
        "macs": macs}
    for t in TENSORS:
        if files["bypass"][t]:
            figures["buffer", t] = (0, 0, 0)
    if files["bypass"]["ifmap"]:
        figures["dram", "ifmap"] = (read, 0, 0)
    prices = files["prices"]
    figures["pj"] = macs * prices["mac"][0] + sum(
        figures[p, t][0] * prices[f"{p}_{t}"][0] + sum(figures[p, t][1:]) * prices[f"{p}_{t}"][1]
        for p in PLACES for t in TENSORS)
    compute = math.prod(f[d][level][0] for d in DIMENSIONS for level in (0, 2, 3)) if files["uneven"] else macs / n_pes
    cycles = [compute]
    for (p, t) in ((p, t) for p in PLACES for t in TENSORS):
        reads, writes = figures[p, t][0], sum(figures[p, t][1:])
        rates = files["rates"].get(f"{p}_{t}", {})
        for key, n in (("read", reads), ("write", writes), ("shared", reads + writes)):
            if f"{key}_bandwidth" in rates:
                cycles.append(n / rates[f"{key}_bandwidth"])
    figures["cycles"] = math.ceil(max(cycles))
    figures["n_pes"] = n_pes
    return figures


# ---- the comparison ----------------------------------------------------------------------------------------------

def figure_table(report, files, theirs, wanted):
    """Rows (name, mulfree's, Timeloop's, expected, how far the last two may be apart)."""
    counts, energy, prices = report["counts"], report["energy_pj"], files["prices"]
    per_pe = wanted["n_pes"]  # Timeloop prints whole words per PE
    rows = []

    def row(name, ours, place, tensor, parts, slack=0):
        rows.append((name, ours, sum(theirs[place, tensor][i] for i in parts),
                     sum(wanted[place, tensor][i] for i in parts), slack))

    row("DRAM I", counts["ifmap"]["n_dram_reads"], "dram", "ifmap", [0])
    row("DRAM W", counts["weight"]["n_dram_reads"], "dram", "weight", [0])
    row("DRAM O write", counts["psum"]["n_dram_writes"], "dram", "psum", [2])
    row("DRAM O read", counts["psum"]["n_dram_reads"], "dram", "psum", [0])
    row("buffer I fill", counts["ifmap"]["n_buffer_writes"], "buffer", "ifmap", [1])
    row("buffer I read", counts["ifmap"]["n_buffer_reads"], "buffer", "ifmap", [0])
    row("buffer O write", counts["psum"]["n_buffer_writes"], "buffer", "psum", [1, 2])
    row("buffer O read", counts["psum"]["n_buffer_reads"], "buffer", "psum", [0])
    for letter, tensor in zip("IWO", TENSORS):
        price = prices[f"register_{tensor}"][0]
        ours = round(energy[f"register_{tensor}"] / price) if price else 0
        if price:
            row(f"registers {letter}", ours, "register", tensor, [0, 1, 2], 3 * per_pe)
    rows.append(("positions", counts["n_macs"], theirs["macs"], wanted["macs"], 0))
    network = sum(energy[f"network_{t}"] for t in TENSORS)
    rows.append(("energy", energy["total"] - network, theirs["pj"], wanted["pj"],
                 1e-6 * wanted["pj"] + 3 * per_pe * sum(prices[f"register_{t}"][0] for t in TENSORS)))
    rows.append(("cycles", report["cycles"]["total"], theirs["cycles"], wanted["cycles"],
                 1 + 1e-5 * wanted["cycles"]))
    return rows


def per_cent(ours, theirs):
    if abs(theirs - ours) <= 5e-4 * abs(ours):
        return "="
    return f"{100 * (theirs / ours - 1):+.1f}" if ours else "new"


def compare(network, layer, arguments, every):
    """One mapping: its name, its figures, those with padding as data for mulfree too, and whether its factors are exact
    and remainders were evened out; no figures where Timeloop does not load it."""
    with tempfile.TemporaryDirectory() as folder:
        report, said = mulfree([network, "-l", str(layer), *arguments, "--timeloop", folder])
        theirs = timeloop(folder)
        if theirs is None:
            return report["layer"], None, None, False, False
        files = read_yaml(folder)
        wanted = expected(folder, files, arguments, report["op"], theirs["begun"])
        rows = figure_table(report, files, theirs, wanted)
        padded = report_of(folder, files, arguments, report["op"], files["sizes"])
        padded = figure_table(padded, files, theirs, wanted)
    if every:
        for name, ours, got, want, slack in rows:
            left = "" if abs(got - want) <= slack else f"  UNEXPLAINED, expected {want:.0f}"
            print(f"{network} {report['layer']} {' '.join(arguments)}: {name} {ours:.0f} {got:.0f} "
                  f"{per_cent(ours, got)}{left}")
    return report["layer"], rows, padded, not files["uneven"], "evened out" in said


def show_table(shown):
    titles = [row[0] for row in next(iter(shown.values()))[0]]
    print("| | " + " | ".join(name for _, name in shown) + " |\n|---|" + "---|" * len(shown))
    for title in ("DRAM I", "energy"):
        i = titles.index(title)
        print(f"| padding adds, {title} | " + " | ".join(per_cent(rows[i][1], padded[i][1])
                                                        for rows, padded in shown.values()) + " |")
    for i, title in enumerate(titles):
        print(f"| {title} | " + " | ".join(per_cent(*padded[i][1:3]) for _, padded in shown.values()) + " |")


def main(words):
    every = "--every" in words
    networks = [w for w in words if w != "--every"] or list(SHOWN)
    print(f"{'network and options':56}{'layers':>7}{'loaded':>7}{'exact':>7}{'evened':>7}{'figures':>8}{'equal':>7}"
          f"{'explained':>10}{'not':>5}{'fills off':>11}")
    shown, left = {}, collections.Counter()
    for network in networks:
        layers = json.loads(run([MULFREE, "show", network, "--format", "json"]).stdout)
        n = sum(1 for row in layers if row.get("number", -1) is not None and row.get("number", -1) >= 0)
        for arguments in VARIANTS:
            c = collections.Counter()
            for layer in range(n):
                name, rows, padded, exact, evened = compare(network, layer, arguments, every)
                c["loaded"] += rows is not None
                c["exact"] += bool(exact)
                c["evened"] += bool(evened)
                c["off"] += sum(row[1] != row[2] for row in padded or [] if exact and row[0] in FILLS)
                for title, ours, got, want, slack in rows or []:
                    c["figures"] += 1
                    c["equal"] += got == ours
                    c["not"] += abs(got - want) > slack
                    left[title] += abs(got - want) > slack
                    c["explained"] += got != ours and abs(got - want) <= slack
                if arguments == VARIANTS[0] and layer in SHOWN.get(network, []):
                    shown[network, name] = rows, padded
            print(f"{network + ' ' + ' '.join(arguments):56}{n:7}{c['loaded']:7}{c['exact']:7}{c['evened']:7}"
                  f"{c['figures']:8}{c['equal']:7}{c['explained']:10}{c['not']:5}{c['off']:11}", flush=True)
    if any(left.values()):
        print("\nnot explained: " + ", ".join(f"{n} of {title}" for title, n in left.items() if n))
    if shown:
        print("\nTimeloop over mulfree in per cent, as mult, padding as data in both (= within 0.05 %):\n")
        show_table(shown)


MULFREE = sys.argv[1]
main(sys.argv[2:])
