/* hold-lock FILE [MILLISECONDS]: takes the lock on FILE as apt and dpkg do (fcntl, whole file), prints "held", and keeps it
   until the time is over or its standard input ends. A process of its own, because fcntl locks do not hold against the process that has them. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int count, char **words)
{
    if (count < 2)
    {
        fprintf(stderr, "usage: hold-lock FILE [MILLISECONDS]\n");
        return 2;
    }
    const int file = open(words[1], O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0};
    if (file < 0 || fcntl(file, F_SETLK, &whole) < 0)
    {
        fprintf(stderr, "hold-lock: cannot lock %s: %s\n", words[1], strerror(errno));
        return 1;
    }
    puts("held");
    fflush(stdout);
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    poll(&input, 1, count > 2 ? atoi(words[2]) : -1);
    return 0;
}
