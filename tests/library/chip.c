/* chip: is there one? A chip of two by two PEs is made, or why not is said. */
#include <sim/systemc/chip.h>
#include <stdio.h>

int main(void)
{
    mf_diag diag = {0};
    mf_chip *chip;
    if (mf_chip_create(2, 2, NULL, &chip, &diag) != MF_OK)
        return puts(diag.message), 1;
    puts("a chip");
    mf_chip_destroy(chip);
    return 0;
}
