import MeshModel
import Timing

extension CommandContext {
    /// The day, in UTC, by the clock of the command.
    var today: CalendarDate? { CalendarDate(clock.now()) }
}
