"""Complementary suppression: which rows to withhold besides, so that none can be worked out.

Every sensitive unknown must be able to change as much as it needs
(:mod:`exports.disclosure.attack`) with only unknowns changing that no row shows. Which rows to
withhold for that, at the least cost, is a mixed-integer problem. It is split into groups of
numbers that no relation and no row links, and

* a small group is solved to the optimum: rows are chosen by an integer program, the attacker's
  linear programs answer with the inequality that the choice breaks (Fischetti and Salazar-González,
  Solving the cell suppression problem on tabular data with linear constraints, 2001), until there
  is none;
* a large group is solved one sensitive unknown after the other, by a linear program for the
  cheapest change that protects it, rows that are withheld already costing nothing (Kelly, Golden
  and Assad, Cell suppression: disclosure protection for sensitive tabular data, 1992). The program
  is asked of the surroundings of the unknown first, and of wider ones if they do not do.

Size alone decides which, never time: the same input has the same result.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import sparse

from exports.disclosure.attack import (
    NO_CHANGE,
    REACH,
    TOLERANCE,
    Worlds,
    attack_together,
    groups_of,
    is_solved,
    limits,
    linear_program,
    silent_solver,
    unknown_under,
)
from exports.disclosure.optimal import least_withheld
from exports.disclosure.relations import Flags, Indices, Numbers, System

# How many are protected one by one, at least, before all are asked for together again.
AT_A_TIME = 10
# How often counts that are newly withheld are asked for in their turn.
TURNS = 6
# How many are protected by one program where only a large one does.
AT_ONCE = 16
# The surroundings of an unknown: steps from relation to relation, the cheapest numbers taken of
# each relation, and how many in all. Where none of them does, all that relations link is asked.
SURROUNDINGS = ((3, 4, 400), (4, 12, 1500))


class ProtectionError(RuntimeError):
    """A number cannot be protected, whatever is withheld. Nothing may be published then."""


@dataclass
class Pattern:
    """Which rows are withheld, and how that came about.

    Attributes:
        hidden: by row.
        known: by unknown, is it known whatever is withheld now?
        relaxed: by unknown, is it a remainder that is taken for unknown, since nothing else
            protects a number?
        let_go: by unknown, could it not be had though it tells of many people?
        worlds: the proofs of protection.
        exact, sequential: groups solved to the optimum, and one number after the other.
    """

    hidden: Flags
    known: Flags
    relaxed: Flags
    let_go: Flags
    worlds: Worlds = field(repr=False)
    exact: int = 0
    sequential: int = 0


def complement(
    system: System, known: Flags, withheld: Flags, *, exact_rows: int, least_width: float
) -> Pattern:
    """Choose the rows to withhold.

    Args:
        system: unknowns, relations and needs; its primary rows are withheld in any case.
        known: by unknown, was it published before and is known for ever?
        withheld: by row, was it withheld before with the same numbers? It stays withheld.
        exact_rows: up to how many rows to choose from a group is solved to the optimum.
        least_width: how wide the interval of a count must be that is withheld for others' sake.

    Raises:
        ProtectionError: a number cannot be protected by withholding rows.
    """
    count = len(system.needed)
    # What a row shows that is always published is known as well.
    known = known | ~unknown_under(system, system.can_be_hidden, known)
    pattern = Pattern(
        system.is_primary.copy(),
        known,
        np.zeros(count, dtype=bool),
        np.zeros(count, dtype=bool),
        Worlds(count),
    )
    pattern.hidden |= withheld & system.can_be_hidden
    # Another row that shows a sensitive number would give it away.
    pattern.hidden |= (system.rows_of @ (system.needed > 0) > 0) & system.can_be_hidden
    low, high = limits(system, pattern.relaxed)
    attack_together(system, unknown_under(system, pattern.hidden, known), low, high, pattern.worlds)
    open_ones = np.flatnonzero(~known)
    linked = sparse.vstack([system.relations, system.rows_of], format="csc")[:, open_ones]
    groups = [open_ones[group] for group in groups_of(linked)]
    rows_of = system.rows_of.tocsc()
    is_exact = np.zeros(len(groups), dtype=bool)
    was_solved = np.zeros(len(groups), dtype=bool)
    for turn in range(TURNS):
        for number, columns in enumerate(groups):
            if len(pattern.worlds.short(system.needed, columns)) == 0:
                continue
            chosen = None
            shown = np.unique(rows_of[:, columns].indices)
            if np.count_nonzero(~pattern.hidden[shown]) <= exact_rows:
                low, high = limits(system, pattern.relaxed)
                chosen = least_withheld(system, pattern.hidden, columns, low, high, pattern.worlds)
            is_exact[number] = chosen is not None and (is_exact[number] or not was_solved[number])
            was_solved[number] = True
            if chosen is None:
                _Sequence(system, pattern, columns, rows_of).protect_all()
            else:
                pattern.hidden[chosen] = True
        if turn == TURNS - 1 or not _want_counts(system, pattern, least_width):
            break
    pattern.exact = int(np.count_nonzero(is_exact))
    pattern.sequential = int(np.count_nonzero(was_solved & ~is_exact))
    return pattern


def _want_counts(system: System, pattern: Pattern, least_width: float) -> bool:
    """Ask for an interval of every count that is withheld, also where it tells of many people.

    Who reads "suppressed" should not be able to fill it in. What cannot be had so is let go.

    Returns:
        Is there anything new to ask for?
    """
    counts = system.count_of[pattern.hidden & system.is_now]
    counts = np.unique(counts[counts >= 0])
    unknown = unknown_under(system, pattern.hidden, pattern.known)
    new = counts[unknown[counts] & (system.needed[counts] == 0) & ~pattern.let_go[counts]]
    system.needed[new] = least_width
    return len(pattern.worlds.short(system.needed, new)) > 0


class _Sequence:
    """One group, protected one sensitive unknown after the other."""

    def __init__(
        self, system: System, pattern: Pattern, columns: Indices, rows_of: sparse.csc_matrix
    ) -> None:
        self._system, self._pattern, self._columns = system, pattern, columns
        relations = system.relations.tocsc()[:, columns].tocsr()
        self._by_relation = relations[np.flatnonzero(np.diff(relations.indptr))]
        self._by_column = self._by_relation.tocsc()
        self._rows_of = rows_of[:, columns]
        self._columns_of = self._rows_of.tocsr()
        self._low, self._high = (limit[columns] for limit in limits(system, pattern.relaxed))
        self._cost = np.zeros(len(columns))
        self._price(np.arange(len(columns)))
        # What relations link; rows link more, but no change goes over a row.
        self._part_of = np.zeros(len(columns), dtype=np.int64)
        for part, members in enumerate(groups_of(self._by_column)):
            self._part_of[members] = part
        self._whole: dict[int, _Cheapest] = {}
        self._waiting: list[int] = []

    def protect_all(self) -> None:
        """Withhold what is needed until every sensitive unknown of the group can change enough."""
        pattern, system = self._pattern, self._system
        worlds, needed = pattern.worlds, system.needed
        while len(left := worlds.short(needed, self._columns)):
            # What was withheld for some protects others: ask for all together now and then.
            turn = max(AT_A_TIME, len(left) // 20)
            for one in left[np.lexsort((left, -needed[left]))]:
                if turn > 0 and len(worlds.short(needed, np.array([one]))):
                    self._protect(int(np.searchsorted(self._columns, one)))
                    turn -= 1
            self._protect_waiting()
            if turn <= 0:
                attack_together(
                    system,
                    unknown_under(system, pattern.hidden, pattern.known),
                    *limits(system, pattern.relaxed),
                    worlds,
                    among=self._columns,
                )

    def _protect(self, one: int) -> None:
        last = -1
        for steps, each, most in SURROUNDINGS:
            around = self._around(one, steps, each, most)
            if len(around) in (last, np.count_nonzero(self._part_of == self._part_of[one])):
                continue
            last = len(around)
            change = self._cheapest_change(one, _Cheapest(self, around), around)
            if change is not None:
                self._take(around, change)
                return
        if np.count_nonzero(self._part_of == self._part_of[one]) > SURROUNDINGS[-1][2]:
            self._waiting.append(one)
        else:
            self._protect_by_all(one)

    def _protect_waiting(self) -> None:
        """Protect those whose surroundings did not do, many by one program: it is a large one."""
        worlds, needed = self._pattern.worlds, self._system.needed
        waiting = np.array(sorted(self._waiting), dtype=np.int64)
        self._waiting.clear()
        for part in np.unique(self._part_of[waiting]).tolist():
            here = waiting[self._part_of[waiting] == part]
            for chunk in np.array_split(here, -(-len(here) // AT_ONCE)):
                left = chunk[
                    np.isin(self._columns[chunk], worlds.short(needed, self._columns[chunk]))
                ]
                if len(left) == 0:
                    continue
                around, program = self._all_of(part)
                columns = self._columns[left]
                change = program.move(
                    np.searchsorted(around, left), needed[columns] + worlds.low[columns]
                )
                if change is not None:
                    self._take(around, change)
                else:
                    for one in left.tolist():
                        if len(worlds.short(needed, self._columns[[one]])):
                            self._protect_by_all(one)

    def _all_of(self, part: int) -> tuple[Indices, _Cheapest]:
        """Return all unknowns that relations link, and their program."""
        everything = np.flatnonzero(self._part_of == part)
        if part not in self._whole:
            self._whole[part] = _Cheapest(self, everything)
        return everything, self._whole[part]

    def _protect_by_all(self, one: int) -> None:
        """Protect one with everything that relations link to it."""
        everything, program = self._all_of(int(self._part_of[one]))
        change = self._cheapest_change(one, program, everything)
        if change is not None:
            self._take(everything, change)
            return
        if self._relax():
            self._whole.clear()
            self._protect_by_all(one)
            return
        column = self._columns[one]
        if self._system.needed_now[column] > 0:
            raise ProtectionError(
                "A number that tells of few people cannot be protected by withholding rows."
            )
        # A count of many people, or one that earlier publications gave away together.
        self._pattern.let_go[column] = True
        self._system.needed[column] = 0

    def _take(self, around: Indices, change: Numbers) -> None:
        """Withhold what a change moves, and keep it as a proof."""
        self._withhold(around[np.abs(change) > 0])
        self._pattern.worlds.learn(self._columns[around], change)

    def _relax(self) -> bool:
        """Take what wholes of this group have beyond their parts for unknown; was it not yet?"""
        columns = self._system.remainders.columns
        here = columns[np.isin(columns, self._columns)]
        new = here[~self._pattern.relaxed[here]]
        self._pattern.relaxed[new] = True
        self._low, self._high = (
            limit[self._columns] for limit in limits(self._system, self._pattern.relaxed)
        )
        return len(new) > 0

    def _around(self, one: int, steps: int, each: int, most: int) -> Indices:
        """Collect the cheapest unknowns around one, in the order of the columns."""
        is_in = np.zeros(len(self._columns), dtype=bool)
        is_in[one] = True
        front, count = np.array([one]), 1
        for _ in range(steps):
            relations = np.unique(_entries(self._by_column, front)[1])
            of, columns = _entries(self._by_relation, relations)
            # Of those that cost nothing as many as of those that do.
            of = 2 * of + (self._cost[columns] > 0)
            order = np.lexsort((columns, self._cost[columns], of))
            of, columns = of[order], columns[order]
            place = np.arange(len(of)) - np.searchsorted(of, of)
            front = np.unique(columns[place < each])
            front = front[~is_in[front]]
            if len(front) > most - count:
                front = front[np.argsort(self._cost[front], kind="stable")][: most - count]
            is_in[front] = True
            count += len(front)
            if len(front) == 0 or count >= most:
                break
        return np.flatnonzero(is_in)

    def _cheapest_change(self, one: int, program: _Cheapest, around: Indices) -> Numbers | None:
        """Return the cheapest change of the surroundings that protects the unknown, if there is."""
        at = int(np.searchsorted(around, one))
        column = int(self._columns[one])
        needed = float(self._system.needed[column])
        best: Numbers | None = None
        least = np.inf
        for distance in (
            needed + self._pattern.worlds.low[column],
            self._pattern.worlds.high[column] - needed,
        ):
            change = program.move(np.array([at]), np.array([distance]))
            if change is None:
                continue
            rows = np.unique(self._rows_of[:, around[np.abs(change) > 0]].indices)
            price = float(self._system.weight[rows[~self._pattern.hidden[rows]]].sum())
            if price < least * (1 - TOLERANCE):
                best, least = change, price
            # Both ways are tried only where that is cheap.
            if price == 0 or len(around) > SURROUNDINGS[-1][2]:
                break
        return best

    def _withhold(self, moved: Indices) -> None:
        """Withhold every row that shows one of these unknowns."""
        rows = np.unique(self._rows_of[:, moved].indices)
        new = rows[~self._pattern.hidden[rows]]
        if len(new):
            self._pattern.hidden[new] = True
            self._price(np.unique(self._columns_of[new].indices))

    def _price(self, columns: Indices) -> None:
        """Work out what a change of these unknowns costs: the rows still to be withheld for it."""
        left = np.where(self._pattern.hidden, 0.0, self._system.weight)
        self._cost[columns] = (
            self._rows_of[:, columns].T @ left / self._system.scale[self._columns[columns]]
        )


class _Cheapest:
    """The linear program for the cheapest change of some unknowns that moves one of them."""

    def __init__(self, group: _Sequence, around: Indices) -> None:
        self._group, self._around = group, around
        self._count = len(around)
        part = group._by_column[:, around].tocsr()
        part = part[np.flatnonzero(np.diff(part.indptr))].tocsc()
        columns = group._columns[around]
        reach = REACH * max(
            float(group._system.needed[columns].max()), float(group._system.scale[columns].max())
        )
        # Every change is a rise or a fall.
        self._most = np.concatenate(
            [
                np.minimum(group._high[around], reach),
                np.minimum(-group._low[around], reach),
            ]
        )
        self._solver = silent_solver()
        self._solver.passModel(
            linear_program(
                sparse.hstack([part, -part], format="csc"),
                np.tile(group._cost[around], 2),
                np.zeros(2 * self._count),
                self._most,
            )
        )
        self._all = np.arange(2 * self._count, dtype=np.int32)

    def move(self, at: Indices, distance: Numbers) -> Numbers | None:
        """Return the cheapest change by which these move so far (down if negative); None: none."""
        column = np.where(distance > 0, at, at + self._count).astype(np.int32)
        other = np.where(distance > 0, at + self._count, at).astype(np.int32)
        far, most = np.abs(distance), self._most[column]
        if np.any(far > most * (1 + TOLERANCE)):
            return None
        self._solver.changeColsCost(
            2 * self._count, self._all, np.tile(self._group._cost[self._around], 2)
        )
        nothing = np.zeros(len(at))
        self._solver.changeColsBounds(len(at), column, far, np.maximum(far, most))
        self._solver.changeColsBounds(len(at), other, nothing, nothing)
        has_solution = is_solved(self._solver)
        values = np.asarray(self._solver.getSolution().col_value)
        self._solver.changeColsBounds(len(at), column, nothing, most)
        self._solver.changeColsBounds(len(at), other, nothing, self._most[other])
        if not has_solution:
            return None
        change = values[: self._count] - values[self._count :]
        change[np.abs(change) <= NO_CHANGE] = 0
        return np.asarray(change)


def _entries(
    matrix: sparse.csr_matrix | sparse.csc_matrix, lines: Indices
) -> tuple[Indices, Indices]:
    """Return (line, index) of every entry in these rows of a CSR (columns of a CSC) matrix."""
    starts, ends = matrix.indptr[lines], matrix.indptr[lines + 1]
    sizes = ends - starts
    offsets = np.repeat(starts - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
    return np.repeat(lines, sizes), matrix.indices[offsets + np.arange(sizes.sum())]
