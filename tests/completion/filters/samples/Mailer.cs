using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Example.Mail
{
    public interface ITransport
    {
        Task SendAsync(string to, string body, CancellationToken token);
    }

    public sealed class Mailer
    {
        private readonly ITransport _transport;
        private readonly Dictionary<string, int> _failures = new();
        private const int MaxAttempts = 3;

        public Mailer(ITransport transport)
        {
            _transport = transport ?? throw new ArgumentNullException(nameof(transport));
        }

        public int Pending { get; private set; }

        public async Task<bool> SendAsync(Message message, CancellationToken token = default)
        {
            Pending++;
            for (var attempt = 1; attempt <= MaxAttempts; attempt++)
            {
                try
                {
                    await _transport.SendAsync(message.To, message.Render(), token);
                    Pending--;
                    return true;
                }
                catch (TimeoutException) when (attempt < MaxAttempts)
                {
                    await Task.Delay(TimeSpan.FromSeconds(attempt), token);
                }
            }

            _failures[message.To] = _failures.GetValueOrDefault(message.To) + 1;
            return false;
        }

        public IEnumerable<string> Worst(int count)
        {
            return _failures
                .OrderByDescending(pair => pair.Value)
                .Take(count)
                .Select(pair => pair.Key);
        }
    }

    public record Message(string To, string Subject, string Text)
    {
        public string Render()
        {
            var lines = new List<string> { $"Subject: {Subject}", "", Text };
            return string.Join("\r\n", lines);
        }
    }
}
