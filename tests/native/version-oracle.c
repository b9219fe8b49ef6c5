/*
 * Compares versions with dpkg's own code. Reads lines of two versions parted by one space, and prints for each line "-1", "0" or "1",
 * or "refused" where dpkg takes one of them for no version at all.
 *
 * Needs libdpkg-dev:  cc -O2 version-oracle.c -o version-oracle $(pkg-config --cflags --static --libs libdpkg)
 */
#define LIBDPKG_VOLATILE_API 1

#include <stdio.h>
#include <string.h>

#include <dpkg/dpkg.h>
#include <dpkg/dpkg-db.h>
#include <dpkg/version.h>

static int is_version(const char *text, struct dpkg_version *version)
{
    struct dpkg_error error = DPKG_ERROR_INIT;
    /* A warning is what dpkg has for databases of old; "dpkg --compare-versions" and packages are held to the strict rules. */
    int is_strict = parseversion(version, text, &error) == 0;
    dpkg_error_destroy(&error);
    return is_strict;
}

int main(int argc, char **argv)
{
    static char line[65536];

    (void)argc;
    dpkg_program_init(argv[0]);
    while (fgets(line, sizeof line, stdin)) {
        struct dpkg_version a, b;
        char *second = strchr(line, ' ');
        line[strcspn(line, "\n")] = '\0';
        if (second == NULL) {
            fputs("a line without a space\n", stderr);
            return 2;
        }
        *second++ = '\0';
        if (!is_version(line, &a) || !is_version(second, &b)) {
            puts("refused");
            continue;
        }
        int order = dpkg_version_compare(&a, &b);
        printf("%d\n", (order > 0) - (order < 0));
        nffreeall();
    }
    dpkg_program_done();
    return 0;
}
