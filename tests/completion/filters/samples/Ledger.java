package example.bank;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Bookings of accounts, kept in memory. */
public final class Ledger {
    private static final int PAGE = 50;

    private final Map<String, List<Booking>> bookings = new ConcurrentHashMap<>();
    private final Clock clock;

    public Ledger(Clock clock) {
        this.clock = clock;
    }

    public void book(String account, long cents, String text) {
        if (text == null || text.isBlank()) {
            throw new IllegalArgumentException("a booking needs a text");
        }
        List<Booking> list = bookings.computeIfAbsent(account, key -> new ArrayList<>());
        synchronized (list) {
            list.add(new Booking(clock.now(), cents, text));
        }
    }

    public long balance(String account) {
        long sum = 0;
        for (Booking booking : bookings.getOrDefault(account, List.of())) {
            sum += booking.cents();
        }
        return sum;
    }

    /**
     * The latest bookings of an account.
     *
     * @param account whose
     * @return at most one page
     */
    public List<Booking> latest(String account) {
        List<Booking> all = bookings.getOrDefault(account, List.of());
        int from = Math.max(0, all.size() - PAGE);
        return List.copyOf(all.subList(from, all.size()));
    }

    @FunctionalInterface
    public interface Clock {
        Instant now();
    }

    public record Booking(Instant at, long cents, String text) {
        public boolean isDebit() {
            return cents < 0;
        }
    }
}
