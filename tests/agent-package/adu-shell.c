// A stand-in for the agent's adu-shell, the setuid program through which user adu becomes root. It does what is known of the original's
// action "execute" of microsoft/script, its weaknesses included: the group stays, the environment and the input pass, and what the program
// prints is collected until nobody holds the pipe any more and shown only then. The actions of microsoft/apt are refused: nobody calls them.
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum
{
    largest_config = 1 << 16,
    mode_bits = 07777,
    wanted_mode = 0750,
};

struct call
{
    const char *config_folder;
    const char *type;
    const char *action;
    const char *program;
    char **arguments; // for execv, the program first
};

static void fail(const char *what, const char *which)
{
    fprintf(stderr, "adu-shell: %s: %s\n", what, which);
    exit(1);
}

static struct call read_call(int count, char **words)
{
    struct call call = {"/etc/adu", "", "", NULL, calloc((size_t)count + 2, sizeof(char *))};
    int arguments = 1;
    for (int i = 1; i < count; i += 2)
    {
        if (i + 1 == count)
            fail("this option has no value", words[i]);
        const char *value = words[i + 1];
        if (strcmp(words[i], "--config-folder") == 0)
            call.config_folder = value;
        else if (strcmp(words[i], "--update-type") == 0)
            call.type = value;
        else if (strcmp(words[i], "--update-action") == 0)
            call.action = value;
        else if (strcmp(words[i], "--target-data") == 0)
            call.program = value;
        else if (strcmp(words[i], "--target-options") == 0)
            call.arguments[arguments++] = words[i + 1];
        else
            fail("there is no such option", words[i]);
    }
    if (strcmp(call.type, "microsoft/script") != 0 || strcmp(call.action, "execute") != 0)
        fail("this stand-in knows only the action execute of microsoft/script, not that of", call.type);
    if (call.program == NULL)
        fail("an option is missing", "--target-data");
    call.arguments[0] = (char *)call.program;
    return call;
}

// Whether the configuration trusts whoever started the program. It is read with root's rights, for the caller's need not suffice.
static int is_trusted(const char *config_folder)
{
    static char text[largest_config];
    char wanted[256];
    const struct passwd *caller = getpwuid(getuid());
    snprintf(text, sizeof text, "%s/du-config.json", config_folder);
    FILE *file = fopen(text, "r");
    if (file == NULL)
        fail("cannot read the configuration", text);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    char *list = strstr(text, "\"aduShellTrustedUsers\"");
    char *end = list == NULL ? NULL : strchr(list, ']');
    if (caller == NULL || end == NULL)
        return 0;
    *end = '\0';
    snprintf(wanted, sizeof wanted, "\"%s\"", caller->pw_name);
    return strstr(list, wanted) != NULL;
}

static int run(const struct call *call)
{
    int ends[2];
    if (pipe(ends) != 0)
        fail("cannot make a pipe", strerror(errno));
    const pid_t child = fork();
    if (child < 0)
        fail("cannot fork", strerror(errno));
    if (child == 0)
    {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        execv(call->program, call->arguments);
        fprintf(stderr, "cannot run %s: %s\n", call->program, strerror(errno));
        _exit(127);
    }

    close(ends[1]);
    char *output = NULL;
    size_t length = 0;
    for (;;)
    {
        output = realloc(output, length + 4096);
        const ssize_t got = read(ends[0], output + length, 4096);
        if (got <= 0)
            break;
        length += (size_t)got;
    }
    int status = 0;
    waitpid(child, &status, 0);
    fwrite(output, 1, length, stdout);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int main(int count, char **words)
{
    const struct call call = read_call(count, words);
    if (!is_trusted(call.config_folder))
        fail("this user is not trusted", "see aduShellTrustedUsers in du-config.json");
    struct stat program;
    if (stat(call.program, &program) != 0)
        fail(call.program, strerror(errno));
    // Root for good; of the group nothing is said.
    if (setuid(0) != 0)
        fail("cannot become root", strerror(errno));
    if ((program.st_mode & mode_bits) != wanted_mode && chmod(call.program, wanted_mode) != 0)
        fail(call.program, strerror(errno));
    return run(&call);
}
