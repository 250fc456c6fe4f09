using CsCheck;
using StratoVirt.Shell.Editing;

namespace StratoVirt.Shell.Tests.Editing;

public sealed class LineBufferTests
{
    private static readonly Action<LineBuffer>[] Operations =
    [
        line => line.Insert("a"), line => line.Insert("Ω"), line => line.Insert("😀"), line => line.Insert(" "),
        line => line.Left(), line => line.Right(), line => line.Home(), line => line.End(), line => line.WordLeft(),
        line => line.WordRight(), line => line.Backspace(), line => line.Delete(), line => line.CutToEnd(),
        line => line.CutToStart(), line => line.CutWord(), line => line.Paste(),
        line => line.Replace(line.Cursor, 3, "xyz"),
    ];

    [Fact]
    public void NoOperationSplitsACharacterOrLosesTheCursor() =>
        Gen.Int[0, Operations.Length - 2].List[0, 60].Sample(steps =>
        {
            var line = new LineBuffer();
            foreach (int step in steps)
            {
                Operations[step](line);
                Assert.InRange(line.Cursor, 0, line.Length);
                Assert.False(line.Cursor > 0 && line.Cursor < line.Length
                    && char.IsSurrogatePair(line.Text[line.Cursor - 1], line.Text[line.Cursor]));
                Assert.DoesNotContain('\uFFFD', line.Text.EnumerateRunes().Select(rune => (char)rune.Value));
            }
        });

    [Fact]
    public void WhatIsCutCanBePastedBack() =>
        Gen.Select(Gen.String[Gen.Char['a', 'e'], 0, 20], Gen.Int[0, 20]).Sample((text, left) =>
        {
            var line = new LineBuffer();
            line.Set(text);
            for (int i = 0; i < left; i++)
                line.Left();
            int cursor = line.Cursor;
            line.CutToStart();
            line.Paste();
            Assert.Equal(text, line.Text);
            Assert.Equal(cursor, line.Cursor);
        });

    [Fact]
    public void ControlWCutsBackToTheBlank()
    {
        var line = new LineBuffer();
        line.Set("Get-Item /a/b-c  ");
        line.CutWord();
        Assert.Equal("Get-Item ", line.Text);
    }

    [Fact]
    public void ReplaceStaysInsideTheLine()
    {
        var line = new LineBuffer();
        line.Set("abc");
        line.Replace(2, 100, "XY");
        Assert.Equal("abXY", line.Text);
        Assert.Equal(4, line.Cursor);
    }
}
