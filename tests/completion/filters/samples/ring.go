// Package ring keeps the last values of a stream.
package ring

import (
	"errors"
	"fmt"
	"sync"
)

// ErrEmpty is returned where there is nothing to read.
var ErrEmpty = errors.New("ring: empty")

// Ring is a buffer of fixed size; the zero value is of no use.
type Ring[T any] struct {
	mu    sync.Mutex
	items []T
	start int
	count int
}

// New makes a ring for size values.
func New[T any](size int) (*Ring[T], error) {
	if size <= 0 {
		return nil, fmt.Errorf("ring: bad size %d", size)
	}
	return &Ring[T]{items: make([]T, size)}, nil
}

// Push adds a value and forgets the oldest one if need be.
func (r *Ring[T]) Push(value T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := (r.start + r.count) % len(r.items)
	r.items[at] = value
	if r.count < len(r.items) {
		r.count++
		return
	}
	r.start = (r.start + 1) % len(r.items)
}

// Pop takes the oldest value.
func (r *Ring[T]) Pop() (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var zero T
	if r.count == 0 {
		return zero, ErrEmpty
	}
	value := r.items[r.start]
	r.start = (r.start + 1) % len(r.items)
	r.count--
	return value, nil
}

// Each calls visit for all values, the oldest first.
func (r *Ring[T]) Each(visit func(int, T) bool) {
	for i := 0; i < r.count; i++ {
		if !visit(i, r.items[(r.start+i)%len(r.items)]) {
			break
		}
	}
}
