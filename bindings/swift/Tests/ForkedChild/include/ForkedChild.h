/* Runs a function in a forked child: Swift hides fork(). */
#ifndef FORKED_CHILD_H
#define FORKED_CHILD_H

/* What the function returned in the child, 0 to 255; -1 if the child had no regular end. */
int in_forked_child(int (*body)(void *), void *context);

#endif
