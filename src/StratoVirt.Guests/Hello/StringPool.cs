using System.Text;
using Iced.Intel;

namespace StratoVirt.Guests.Hello;

/// <summary>Zero-terminated strings behind the code, each once.</summary>
internal sealed class StringPool(Assembler assembler)
{
    private readonly Dictionary<string, Label> _labels = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    /// <summary>The label of a string, to be emitted later.</summary>
    public Label this[string text]
    {
        get
        {
            if (!_labels.TryGetValue(text, out Label label))
            {
                label = assembler.CreateLabel();
                _labels.Add(text, label);
                _order.Add(text);
            }

            return label;
        }
    }

    /// <summary>Emits all strings asked for so far.</summary>
    public void Emit()
    {
        foreach (string text in _order)
        {
            Label label = _labels[text];
            assembler.Label(ref label);
            assembler.db([.. Encoding.ASCII.GetBytes(text), 0]);
        }
    }
}
