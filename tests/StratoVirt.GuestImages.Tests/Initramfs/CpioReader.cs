using System.Globalization;
using System.Text;

namespace StratoVirt.GuestImages.Tests.Initramfs;

/// <summary>Reads "newc" archives, written from the kernel's description and not from our writer.</summary>
internal static class CpioReader
{
    internal sealed record Entry(string Name, uint Inode, uint Mode, uint Owner, uint Group, uint Time, uint Major, uint Minor, byte[] Content);

    public static List<Entry> Read(byte[] archive)
    {
        var entries = new List<Entry>();
        int at = 0;
        while (true)
        {
            Assert(Encoding.ASCII.GetString(archive, at, 6) == "070701", $"no magic at {at}");
            uint Field(int index) => uint.Parse(
                Encoding.ASCII.GetString(archive, at + 6 + (8 * index), 8), NumberStyles.HexNumber);
            int nameSize = (int)Field(11);
            string name = Encoding.UTF8.GetString(archive, at + 110, nameSize - 1);
            Assert(archive[at + 110 + nameSize - 1] == 0, "name without NUL");
            int content = Align(at + 110 + nameSize);
            int size = (int)Field(6);
            if (name == "TRAILER!!!")
            {
                Assert(content == archive.Length, "bytes after the trailer");
                return entries;
            }

            entries.Add(new Entry(
                name, Field(0), Field(1), Field(2), Field(3), Field(5), Field(9), Field(10), archive[content..(content + size)]));
            at = Align(content + size);
        }
    }

    private static int Align(int offset) => (offset + 3) & ~3;

    private static void Assert(bool condition, string message)
    {
        if (!condition)
        {
            throw new InvalidDataException(message);
        }
    }
}
