#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRBUF_MIN 64

struct strbuf {
	char *data;
	size_t len;
	size_t cap;
};

void strbuf_init(struct strbuf *sb)
{
	sb->data = NULL;
	sb->len = 0;
	sb->cap = 0;
}

static int strbuf_grow(struct strbuf *sb, size_t extra)
{
	size_t cap = sb->cap ? sb->cap : STRBUF_MIN;
	char *data;

	while (cap < sb->len + extra + 1)
		cap *= 2;
	if (cap == sb->cap)
		return 0;
	data = realloc(sb->data, cap);
	if (!data)
		return -1;
	sb->data = data;
	sb->cap = cap;
	return 0;
}

int strbuf_add(struct strbuf *sb, const char *text, size_t len)
{
	if (strbuf_grow(sb, len) < 0)
		return -1;
	memcpy(sb->data + sb->len, text, len);
	sb->len += len;
	sb->data[sb->len] = '\0';
	return 0;
}

int strbuf_addf(struct strbuf *sb, const char *fmt, ...)
{
	va_list ap;
	int need;

	va_start(ap, fmt);
	need = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (need < 0 || strbuf_grow(sb, (size_t)need) < 0)
		return -1;
	va_start(ap, fmt);
	vsnprintf(sb->data + sb->len, (size_t)need + 1, fmt, ap);
	va_end(ap);
	sb->len += (size_t)need;
	return need;
}

void strbuf_free(struct strbuf *sb)
{
#ifdef STRBUF_WIPE
	memset(sb->data, 0, sb->cap);
#endif
	free(sb->data);
	strbuf_init(sb);
}
