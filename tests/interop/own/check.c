/* An LSTM of your own against a vector: cc check.c -lm -o check && ./check < sequence.txt */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TENSORS = 256, NUMBERS = 1024 };
static struct { char name[64]; int rank, shape[4], len; double data[NUMBERS]; } all[TENSORS];
static int count;

static int find(const char *name) {
    for (int n = 0; n < count; n++)
        if (strcmp(all[n].name, name) == 0) return n;
    fprintf(stderr, "there is no tensor %s\n", name);
    exit(2);
}

/* The numbers of a block's tensor: "layer0.w_x" and 'i' are layer0.w_xi. */
static const double *of_block(const char *start, char block) {
    char name[64];
    snprintf(name, sizeof name, "%s%c", start, block);
    return all[find(name)].data;
}

static double sigmoid(double a) { return 1 / (1 + exp(-a)); }

/* E1 for unit j of a block. */
static double preactivation(char block, int j, const double *x, int D, const double *h, int H) {
    const double *w_x = of_block("layer0.w_x", block), *w_h = of_block("layer0.w_h", block);
    double a = of_block("layer0.b_", block)[j];
    for (int n = 0; n < D; n++) a += w_x[j * D + n] * x[n];
    for (int n = 0; n < H; n++) a += w_h[j * H + n] * h[n];
    return a;
}

/* From h and c of the step before to those of this step: put yours here. */
static void step(const double *x, int D, double *h, double *c, int H) {
    double h_prev[NUMBERS];
    memcpy(h_prev, h, H * sizeof *h);
    for (int j = 0; j < H; j++) {
        double i = sigmoid(preactivation('i', j, x, D, h_prev, H));
        double f = sigmoid(preactivation('f', j, x, D, h_prev, H));
        double g = tanh(preactivation('g', j, x, D, h_prev, H));
        double o = sigmoid(preactivation('o', j, x, D, h_prev, H));
        c[j] = f * c[j] + i * g;
        h[j] = o * tanh(c[j]);
    }
}

static void read_all(void) {
    while (count < TENSORS && scanf("%63s %d", all[count].name, &all[count].rank) == 2) {
        all[count].len = 1;
        if (all[count].rank > 4) exit(2);
        for (int k = 0; k < all[count].rank; k++) {
            if (scanf("%d", &all[count].shape[k]) != 1) exit(2);
            all[count].len *= all[count].shape[k];
        }
        if (all[count].len > NUMBERS) exit(2);
        for (int k = 0; k < all[count].len; k++)
            if (scanf("%lf", &all[count].data[k]) != 1) exit(2);
        count++;
    }
}

int main(void) {
    read_all();
    int x = find("x"), T = all[x].shape[0], B = all[x].shape[1], D = all[x].shape[2];
    int H = all[find("layer0.b_i")].len, wrong = 0;
    const double *h_t = all[find("layer0.h_t")].data, *c_t = all[find("layer0.c_t")].data;
    for (int b = 0; b < B; b++) {
        double *h = all[find("layer0.h_0")].data + b * H, *c = all[find("layer0.c_0")].data + b * H;
        for (int t = 0; t < T; t++) {
            int now = t * B + b;
            step(all[x].data + now * D, D, h, c, H);
            for (int j = 0; j < H; j++) {
                wrong += !(fabs(h[j] - h_t[now * H + j]) <= 1e-12); /* NaN is wrong, too */
                wrong += !(fabs(c[j] - c_t[now * H + j]) <= 1e-12);
            }
        }
    }
    printf("%d of %d values are wrong\n", wrong, 2 * T * B * H);
    return wrong > 0;
}
