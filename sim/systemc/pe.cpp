// Scratchpads fill, positions are done.
#include "sim/systemc/pe.hpp"

namespace mulfree
{
namespace
{
// Copy the part of `to` inside `part` from `from`. `part` is a range of columns; rows likewise.
void copy_window(Codes &to, const Codes &from, Span rows, Span columns, int32_t stuck)
{
    const auto &c = to.range[4];
    if (!rows.size() || !columns.size() || !c.size())
        return;
    bool whole = from.range[4] == c;
    for (int64_t n = to.range[0].begin; n < to.range[0].end; n++)
        for (int64_t g = to.range[1].begin; g < to.range[1].end; g++)
            for (int64_t row = rows.begin; row < rows.end; row++) {
                if (whole) {
                    const int32_t *source = from.at(n, g, row, columns.begin, c.begin);
                    std::copy(source, source + columns.size() * c.size(),
                              to.at(n, g, row, columns.begin, c.begin));
                } else {
                    for (int64_t column = columns.begin; column < columns.end; column++) {
                        const int32_t *source = from.at(n, g, row, column, c.begin);
                        std::copy(source, source + c.size(), to.at(n, g, row, column, c.begin));
                    }
                }
                if (stuck)
                    for (int64_t column = columns.begin; column < columns.end; column++)
                        for (int64_t k = c.begin; k < c.end; k++)
                            *to.at(n, g, row, column, k) |= stuck;
            }
}

int64_t sign_extend(int64_t value, uint64_t bits)
{
    unsigned unused = static_cast<unsigned>(64 - bits);
    return static_cast<int64_t>(static_cast<uint64_t>(value) << unused) >> unused;
}
} // namespace

void Pe::configure(const PeLayer *layer, const Ranges &share_of_full_tile)
{
    layer_ = layer;
    full_ = share_of_full_tile;
    ifmap_.reshape({}, {}, {}, {}, {});
    weights_.reshape({}, {}, {}, {}, {});
    holds_ = false;
    done_ = true;
    busy = false;
    pipeline_.clear();
}

bool Pe::take_share(const Ranges &tile)
{
    for (int d = 0; d < MF_N_DIMENSIONS; d++) {
        share_[d] = {tile[d].begin + full_[d].begin,
                     std::min(tile[d].begin + full_[d].end, tile[d].end)};
        if (share_[d].begin >= share_[d].end)
            return false;
    }
    return true;
}

uint64_t Pe::receive_ifmap(const Codes &source, bool slide, int32_t stuck, bool lost)
{
    const Span e = share_[MF_E], f = share_[MF_F], r = share_[MF_R], s = share_[MF_S];
    const Axis &rows = layer_->rows, &columns = layer_->columns;
    Span row_window = rows.window(e, r), column_window = columns.window(f, s);
    Span new_rows = rows.inside(row_window), new_columns = columns.inside(column_window);
    std::swap(ifmap_, ifmap_before_);
    ifmap_.reshape(share_[MF_N], share_[MF_G], row_window, column_window, share_[MF_C]);
    bool padded = new_rows.size() < row_window.size() || new_columns.size() < column_window.size();
    if (padded || lost)
        std::fill(ifmap_.words.begin(), ifmap_.words.end(), 0);
    uint64_t words = static_cast<uint64_t>(rows.touched(e, r) * columns.touched(f, s));
    if (!slide) {
        if (!lost)
            copy_window(ifmap_, source, new_rows, new_columns, stuck);
    } else {
        words -= static_cast<uint64_t>(rows.again(e, ifmap_e_, r) * columns.again(f, ifmap_f_, s));
        /* The window moves along one of the two: down, or to the right. */
        bool down = e != ifmap_e_;
        Span &kept = down ? new_rows : new_columns;
        Span fresh = kept;
        const Span &before = ifmap_before_.range[down ? 2 : 3];
        fresh.begin = std::min(std::max(kept.begin, before.end), kept.end);
        kept.end = fresh.begin;
        if (!lost)
            copy_window(ifmap_, source, down ? fresh : new_rows, down ? new_columns : fresh, stuck);
        copy_window(ifmap_, ifmap_before_, new_rows, new_columns, 0);
    }
    ifmap_e_ = e;
    ifmap_f_ = f;
    words *= static_cast<uint64_t>(share_[MF_N].size() * share_[MF_G].size() * share_[MF_C].size());
    activity.n_delivered[MF_IFMAP] += words;
    return words;
}

uint64_t Pe::receive_weights(const Codes &source, int32_t stuck, bool lost)
{
    weights_.reshape(share_[MF_G], share_[MF_R], share_[MF_S], share_[MF_C], share_[MF_M]);
    decoded_.resize(weights_.words.size());
    const Span m = share_[MF_M];
    int32_t *word = weights_.words.data();
    for (int64_t g = share_[MF_G].begin; g < share_[MF_G].end; g++)
        for (int64_t r = share_[MF_R].begin; r < share_[MF_R].end; r++)
            for (int64_t s = share_[MF_S].begin; s < share_[MF_S].end; s++)
                for (int64_t c = share_[MF_C].begin; c < share_[MF_C].end; c++) {
                    const int32_t *from = source.at(g, r, s, c, m.begin);
                    for (int64_t i = 0; i < m.size() && !lost; i++)
                        word[i] = from[i] | stuck;
                    word += m.size();
                }
    for (size_t i = 0; i < decoded_.size(); i++)
        decoded_[i] = layer_->datapath->decode(weights_.words[i]);
    activity.n_delivered[MF_WEIGHT] += weights_.words.size();
    return weights_.words.size();
}

void Pe::begin_psums(const Sums *resumed)
{
    const Span m = share_[MF_M];
    psums_.reshape(share_[MF_N], share_[MF_G], share_[MF_E], share_[MF_F], m);
    holds_ = true;
    activity.n_delivered[MF_PSUM] += psums_.words.size();
    if (!resumed) {
        std::fill(psums_.words.begin(), psums_.words.end(), 0);
        return;
    }
    int64_t *word = psums_.words.data();
    for (int64_t n = share_[MF_N].begin; n < share_[MF_N].end; n++)
        for (int64_t g = share_[MF_G].begin; g < share_[MF_G].end; g++)
            for (int64_t e = share_[MF_E].begin; e < share_[MF_E].end; e++)
                for (int64_t f = share_[MF_F].begin; f < share_[MF_F].end; f++, word += m.size()) {
                    const int64_t *from = resumed->at(n, g, e, f, m.begin);
                    std::copy(from, from + m.size(), word);
                }
}

bool Pe::inside(int64_t e, int64_t f, int64_t r, int64_t s) const
{
    int64_t row = layer_->rows.stride * e + r - layer_->rows.pad,
            column = layer_->columns.stride * f + s - layer_->columns.pad;
    return row >= 0 && row < layer_->rows.extent && column >= 0 && column < layer_->columns.extent;
}

void Pe::count(uint64_t n_inside, uint64_t n_padded, uint64_t n_zero)
{
    activity.n_macs += n_inside + n_padded;
    activity.n_padded += n_padded;
    activity.n_executed += n_inside;
    if (!layer_->gates_padding)
        activity.n_executed += n_padded;
    if (layer_->gates_zero)
        activity.n_executed -= n_zero;
}

/* One kernel row over one output position: a part of a 1-D convolution, all channels and filters of
 * the share interleaved. */
void Pe::do_row(int64_t n, int64_t g, int64_t e, int64_t f, int64_t r)
{
    const Span c = share_[MF_C], s = share_[MF_S], m = share_[MF_M];
    const Axis &rows = layer_->rows, &columns = layer_->columns;
    const Datapath &datapath = *layer_->datapath;
    const size_t n_m = static_cast<size_t>(m.size());
    int64_t row = rows.stride * e + r - rows.pad,
            column = columns.stride * f + s.begin - columns.pad;
    const int32_t *x = ifmap_.at(n, g, row, column, c.begin);
    const int32_t *w =
        decoded_.data() + (weights_.at(g, r, s.begin, c.begin, m.begin) - weights_.words.data());
    int64_t *psum = psums_.at(n, g, e, f, m.begin);
    bool row_inside = row >= 0 && row < rows.extent, skips = datapath.skips_zero();
    uint64_t n_inside = 0, n_zero = 0;
    for (int64_t k = 0; k < s.size(); k++, column++) {
        bool in = row_inside && column >= 0 && column < columns.extent;
        for (int64_t i = 0; i < c.size(); i++, x++, w += n_m) {
            n_inside += in;
            n_zero += in && *x == 0;
            if (*x != 0 ? in || !layer_->gates_padding : !skips)
                datapath.accumulate(*x, w, n_m, psum);
        }
    }
    uint64_t all = static_cast<uint64_t>(s.size() * c.size());
    count(n_inside * n_m, (all - n_inside) * n_m, n_zero * n_m);
}

size_t Pe::compute()
{
    for (int64_t n = share_[MF_N].begin; n < share_[MF_N].end; n++)
        for (int64_t g = share_[MF_G].begin; g < share_[MF_G].end; g++)
            for (int64_t e = share_[MF_E].begin; e < share_[MF_E].end; e++)
                for (int64_t f = share_[MF_F].begin; f < share_[MF_F].end; f++)
                    for (int64_t r = share_[MF_R].begin; r < share_[MF_R].end; r++)
                        do_row(n, g, e, f, r);
    size_t bad = layer_->datapath->first_overflow(psums_.words.data(), psums_.words.size());
    return bad < psums_.words.size() ? bad : SIZE_MAX;
}

void Pe::start()
{
    for (int d = 0; d < MF_N_DIMENSIONS; d++)
        at_[d] = share_[d].begin;
    done_ = false;
}

bool Pe::tick(uint64_t cycle)
{
    while (!pipeline_.empty() && pipeline_.front().ready_cycle <= cycle) {
        *pipeline_.front().psum += pipeline_.front().product;
        pipeline_.pop_front();
    }
    if (done_)
        return false;
    int64_t e = at_[MF_E], f = at_[MF_F], r = at_[MF_R], s = at_[MF_S];
    const Axis &rows = layer_->rows, &columns = layer_->columns;
    int32_t x = *ifmap_.at(at_[MF_N], at_[MF_G], rows.stride * e + r - rows.pad,
                           columns.stride * f + s - columns.pad, at_[MF_C]);
    size_t w = static_cast<size_t>(weights_.at(at_[MF_G], r, s, at_[MF_C], at_[MF_M]) -
                                   weights_.words.data());
    int64_t product = 0;
    layer_->datapath->accumulate(x, &decoded_[w], 1, &product);
    bool in = inside(e, f, r, s);
    count(in, !in, in && x == 0);
    pipeline_.push_back({cycle + layer_->pipeline_cycles,
                         psums_.at(at_[MF_N], at_[MF_G], e, f, at_[MF_M]), product});
    int d = MF_N_DIMENSIONS - 1;
    while (d >= 0 && ++at_[d] == share_[d].end) {
        at_[d] = share_[d].begin;
        d--;
    }
    done_ = d < 0;
    return true;
}

size_t Pe::settle()
{
    for (const Result &result : pipeline_)
        *result.psum += result.product;
    pipeline_.clear();
    size_t bad = layer_->datapath->first_overflow(psums_.words.data(), psums_.words.size());
    return bad < psums_.words.size() ? bad : SIZE_MAX;
}

void Pe::flip(mf_tensor tensor, uint64_t word, unsigned bit, const mf_integer_format &format)
{
    if (tensor == MF_PSUM) {
        int64_t &psum = psums_.words[word % psums_.words.size()];
        psum = sign_extend(psum ^ (int64_t{1} << (bit % format.psum_bits)), format.psum_bits);
        return;
    }
    std::vector<int32_t> &words = tensor == MF_IFMAP ? ifmap_.words : weights_.words;
    uint64_t bits = tensor == MF_IFMAP ? format.activation_bits : format.weight_bits;
    int32_t &code = words[word % words.size()];
    if (tensor == MF_IFMAP && layer_->datapath->is_on_signs()) {
        code = -code;
        return;
    }
    int64_t flipped = code ^ (int64_t{1} << (bit % bits));
    bool is_signed = tensor == MF_IFMAP || layer_->datapath->has_signed_codes();
    code = static_cast<int32_t>(is_signed ? sign_extend(flipped, bits) : flipped);
    if (tensor == MF_WEIGHT)
        decoded_[word % words.size()] = layer_->datapath->decode(code);
}

} // namespace mulfree
